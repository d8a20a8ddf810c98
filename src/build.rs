//! Packs the bundled sample, one study a line, compressed, so that the program
//! carries it and the repository keeps it readable.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("fixtures/sample");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let output = fs::File::create(PathBuf::from(env::var("OUT_DIR")?).join("sample.ndjson.gz"))?;
    let mut packed = flate2::write::GzEncoder::new(output, flate2::Compression::best());
    for file in files {
        let study: serde_json::Value = serde_json::from_slice(&fs::read(&file)?)?;
        writeln!(packed, "{study}")?;
    }
    packed.finish()?;
    Ok(())
}
