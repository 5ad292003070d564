//! Link settings of a Node-API addon, and the target it is built for.

fn main() {
    napi_build::setup();
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let (os, arch, env) = (
        variable("CARGO_CFG_TARGET_OS"),
        variable("CARGO_CFG_TARGET_ARCH"),
        variable("CARGO_CFG_TARGET_ENV"),
    );
    // The words of npm: `process.platform`, `process.arch` and the C library or toolchain.
    let platform = match os.as_str() {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let cpu = match arch.as_str() {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let target = if env.is_empty() { format!("{platform}-{cpu}") } else { format!("{platform}-{cpu}-{env}") };
    println!("cargo::rustc-env=HAN_NATIVE_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
