//! TLS as libpq's `sslmode` means it, by rustls.

use std::sync::Arc;

use housekeep::{Code, Error};
use postgres::config::SslMode;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What a URL says of TLS.
#[derive(Debug, Default)]
pub(super) struct Settings {
    mode: Option<String>,
    roots: Option<String>,
}

/// Whom it is believed that it is the server.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    check: Check,
    /// A file of certificates in the place of the system's.
    roots: Option<String>,
}

/// What is checked of a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// Nothing: whoever listens cannot read, and whoever answers is believed.
    Nothing,
    /// Who signed it.
    Chain,
    /// Who signed it, and that it is for this host.
    Full,
}

/// Takes what is ours out of a URL: the driver knows fewer modes.
pub(super) fn split(url: &str) -> (String, Settings) {
    let mut settings = Settings::default();
    let Some((start, query)) = url.split_once('?') else { return (url.to_owned(), settings) };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => settings.mode = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => settings.roots = Some(decoded(file)),
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    (format!("{start}{query}"), settings)
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the settings mean.
pub(super) fn meant(settings: &Settings) -> Result<(SslMode, Option<Trust>), Error> {
    let trust = |check| Some(Trust { check, roots: settings.roots.clone() });
    // With a file of certificates, libpq takes `require` for `verify-ca`.
    let required = if settings.roots.is_some() { Check::Chain } else { Check::Nothing };
    Ok(match settings.mode.as_deref() {
        Some("disable") => (SslMode::Disable, None),
        None | Some("allow" | "prefer") => (SslMode::Prefer, trust(Check::Nothing)),
        Some("require") => (SslMode::Require, trust(required)),
        Some("verify-ca") => (SslMode::Require, trust(Check::Chain)),
        Some("verify-full") => (SslMode::Require, trust(Check::Full)),
        Some(other) => {
            let message = format!("`{}` is no sslmode", crate::text::plain(other));
            let help = "write disable, prefer, require, verify-ca or verify-full";
            return Err(Error::host(Code::ApplyConnection, message, Some(help.into())));
        }
    })
}

impl Trust {
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = self.verifier(&provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| bad_tls(&error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }

    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let algorithms = provider.signature_verification_algorithms;
        let check = self.check;
        if check == Check::Nothing {
            return Ok(Arc::new(Verifier { check, chain: None, roots: Vec::new(), algorithms }));
        }
        let roots = self.roots()?;
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().cloned());
        if store.is_empty() {
            return Err(bad_tls("there are no certificates to check the server's by"));
        }
        let chain =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
        let chain = chain.build().map_err(|error| bad_tls(&error.to_string()))?;
        Ok(Arc::new(Verifier { check, chain: Some(chain), roots, algorithms }))
    }

    fn roots(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        Ok(match self.roots.as_deref() {
            None | Some("system") => rustls_native_certs::load_native_certs().certs,
            Some(file) => CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| bad_tls(&format!("cannot read the certificates: {error}")))?,
        })
    }
}

fn bad_tls(message: &str) -> Error {
    let help = "name a file of certificates with `sslrootcert`, or choose another `sslmode`";
    Error::host(Code::ApplyConnection, message, Some(help.into()))
}

/// Believes a server as far as is asked.
#[derive(Debug)]
struct Verifier {
    check: Check,
    /// What checks who signed a certificate, unless nothing is checked.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// Whose signature is believed.
    roots: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // One that signed itself, as PostgreSQL's manual makes it, is a root and a server's at once: rustls
        // takes no root for a server's, and OpenSSL does.
        if self.roots.contains(end_entity) {
            if self.check == Check::Full {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let checked =
            chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match checked {
            // The chain is checked before the name.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Chain => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
