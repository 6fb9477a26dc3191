//! Compiles the gRPC services. `protox` reads the .proto files in Rust, so a machine without `protoc` builds too.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

const FILES: [&str; 7] = ["common", "compaction", "produce", "consume", "topic", "cluster", "group"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=thalweg");
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(FILES.map(|name| format!("thalweg/v1/{name}.proto")))?;
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("thalweg.v1.bin");
    fs::write(descriptors, compiler.encode_file_descriptor_set())?;
    // Bytes, not vectors: a payload stays a slice of the received frame.
    tonic_prost_build::configure().bytes(".").compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
