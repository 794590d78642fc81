//! Tests that need the golden data are `ignored`, with the reason, where it is not there.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(golden)");
    println!("cargo::rerun-if-env-changed=HOUSEKEEP_GOLDEN");
    if std::env::var_os("HOUSEKEEP_GOLDEN").is_some() {
        println!("cargo::rustc-cfg=golden");
    }
}
