//! Packs what the program carries, so that the repository keeps it readable: the
//! bundled sample, one study a line, and the gazetteer, as it stands.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    pack_sample(Path::new("fixtures/sample"))?;
    pack_gazetteer(Path::new("src/data/gazetteer.tsv"))
}

fn pack_sample(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let mut packed = packed("sample.ndjson.gz")?;
    for file in files {
        let study: serde_json::Value = serde_json::from_slice(&fs::read(&file)?)?;
        writeln!(packed, "{study}")?;
    }
    packed.finish()?;
    Ok(())
}

fn pack_gazetteer(table: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", table.display());
    let mut packed = packed("gazetteer.tsv.gz")?;
    packed.write_all(&fs::read(table)?)?;
    packed.finish()?;
    Ok(())
}

/// Begins a compressed file in the folder from which the program embeds it.
fn packed(name: &str) -> Result<GzEncoder<File>, Box<dyn Error>> {
    let output = File::create(PathBuf::from(env::var("OUT_DIR")?).join(name))?;
    Ok(GzEncoder::new(output, Compression::best()))
}
