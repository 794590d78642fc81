//! What each `sslmode` believes, of a real server behind one that speaks TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{Folder, Ran};
use housekeep_tests::database::{Database, servers};
use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a client asks first, if it wants TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Who signs certificates.
type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server that speaks TLS, with a certificate for a name, before one that does not.
struct Proxy {
    port: u16,
    /// How many connections were encrypted.
    encrypted: Arc<AtomicUsize>,
}

impl Proxy {
    fn new(behind: SocketAddr, name: &str, authority: &Authority) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Self::with(behind, &params.signed_by(&key, authority).unwrap(), &key)
    }

    fn with(behind: SocketAddr, certificate: &Certificate, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let encrypted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&encrypted);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((client, _)) = listener.accept().await {
                    // A client that does not believe it hangs up: that is no failure here.
                    tokio::spawn(pass(client, behind, acceptor.clone(), Arc::clone(&count)));
                }
            });
        });
        Self { port, encrypted }
    }
}

/// Passes on what one client says, if it says it by TLS.
async fn pass(
    mut client: TcpStream,
    behind: SocketAddr,
    acceptor: TlsAcceptor,
    encrypted: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let mut first = [0; 8];
    client.read_exact(&mut first).await?;
    if first != SSL_REQUEST {
        return Ok(());
    }
    client.write_all(b"S").await?;
    let mut client = acceptor.accept(client).await?;
    encrypted.fetch_add(1, Ordering::SeqCst);
    let mut server = TcpStream::connect(behind).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// The same server, as it is and behind TLS, and who is believed to have signed for it.
struct World {
    folder: Folder,
    database: Database,
    /// With a certificate for `localhost`.
    named: Proxy,
    /// With one for another host.
    other: Proxy,
    /// With one for `localhost` that signed itself.
    alone: Proxy,
}

impl World {
    fn new(server: &str) -> Self {
        let folder = Folder::new("tls");
        let database = Database::new(server);
        database
            .connect()
            .batch_execute("CREATE TABLE runs (id int PRIMARY KEY, at timestamptz)")
            .unwrap();
        folder.write(
            "housekeep.toml",
            "[retention.runs]\ntable = \"runs\"\ntime = \"at\"\nlimit = { age = \"1d\" }\n",
        );
        let (own, stranger) = (authority("ours"), authority("a stranger"));
        folder.write("ours.pem", own.pem());
        folder.write("stranger.pem", stranger.pem());
        let url = database.url();
        let behind = url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.parse().unwrap();
        let named = Proxy::new(behind, "localhost", &own);
        let other = Proxy::new(behind, "db.example.com", &own);
        // As `openssl req -x509` makes it: an authority too.
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        folder.write("alone.pem", certificate.pem());
        let alone = Proxy::with(behind, &certificate, &key);
        Self { folder, database, named, other, alone }
    }

    /// Plans over the server at a host and port, by settings.
    fn plan(&self, host: &str, port: u16, settings: &str) -> Ran {
        let url = self.database.url();
        let (who, place) = url.rsplit_once('@').unwrap();
        let name = place.rsplit_once('/').unwrap().1;
        let settings = settings.replace("FOLDER", &self.folder.path("").display().to_string());
        let url = format!("{who}@{host}:{port}/{name}?{settings}");
        self.folder.run(&["plan", "runs", "--database", &url, "--output", "plan.json"])
    }

    fn takes(&self, proxy: &Proxy, host: &str, settings: &str) {
        let before = proxy.encrypted.load(Ordering::SeqCst);
        let ran = self.plan(host, proxy.port, settings);
        assert_eq!(ran.code, Some(0), "{settings}: {}", ran.err);
        let after = proxy.encrypted.load(Ordering::SeqCst);
        assert_eq!(after, before + 1, "{settings} is encrypted");
    }

    fn refuses(&self, port: u16, host: &str, settings: &str, why: &str) {
        let ran = self.plan(host, port, settings);
        assert_eq!(ran.code, Some(1), "{settings}");
        assert!(ran.err.contains(why), "{settings}: {}", ran.err);
        assert!(ran.err.contains("help: "), "{}", ran.err);
    }
}

#[test]
fn each_sslmode_believes_what_it_says() {
    for server in servers() {
        let world = World::new(&server);
        let (named, other) = (&world.named, &world.other);
        let plain: u16 = {
            let url = world.database.url();
            url.rsplit_once(':').unwrap().1.split_once('/').unwrap().0.parse().unwrap()
        };
        // A server without TLS is taken by those that do not ask for it.
        for mode in ["", "sslmode=disable", "sslmode=allow", "sslmode=prefer"] {
            assert_eq!(world.plan("127.0.0.1", plain, mode).code, Some(0), "{mode}");
        }
        for mode in ["require", "verify-ca", "verify-full"] {
            let settings = format!("sslmode={mode}&sslrootcert=FOLDER/ours.pem");
            world.refuses(plain, "localhost", &settings, "server does not support TLS");
        }
        // One with TLS: encrypted, unless that is refused.
        world.refuses(named.port, "localhost", "sslmode=disable", "cannot be reached");
        world.takes(named, "localhost", "");
        world.takes(named, "localhost", "sslmode=prefer");
        world.takes(other, "127.0.0.1", "sslmode=require");
        // Who signed, and for which host.
        let unknown = "UnknownIssuer";
        let trusted = |mode: &str| format!("sslmode={mode}&sslrootcert=FOLDER/ours.pem");
        let stranger = |mode: &str| format!("sslmode={mode}&sslrootcert=FOLDER/stranger.pem");
        world.takes(named, "localhost", &trusted("verify-full"));
        world.takes(other, "localhost", &trusted("verify-ca"));
        world.takes(other, "127.0.0.1", &trusted("require"));
        world.refuses(other.port, "localhost", &trusted("verify-full"), "not valid for name");
        for mode in ["require", "verify-ca", "verify-full"] {
            world.refuses(named.port, "localhost", &stranger(mode), unknown);
            world.refuses(other.port, "localhost", &stranger(mode), unknown);
        }
        world.refuses(named.port, "localhost", "sslmode=verify-full", unknown);
        let alone = |mode: &str| format!("sslmode={mode}&sslrootcert=FOLDER/alone.pem");
        for mode in ["require", "verify-ca", "verify-full"] {
            world.takes(&world.alone, "localhost", &alone(mode));
            world.refuses(named.port, "localhost", &alone(mode), unknown);
        }
        world.refuses(world.alone.port, "127.0.0.1", &alone("verify-full"), "not valid for name");
        world.takes(&world.alone, "127.0.0.1", &alone("verify-ca"));
        let missing = "sslmode=verify-ca&sslrootcert=FOLDER/nothing.pem";
        world.refuses(named.port, "localhost", missing, "cannot read the certificates");
    }
}
