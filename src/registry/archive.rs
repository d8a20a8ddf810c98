//! The registry's whole archive: a zip of one JSON file a study, some 600,000
//! of them, 10 GB unpacked.
//!
//! It is never unpacked as a whole. The directory at its end is read as it
//! stands, entries are shared out among threads, and each thread holds one
//! study at a time. A download that was cut short lacks its directory or fails
//! a checksum: it is refused, for it would look like a registry that shrank.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use flate2::bufread::DeflateDecoder;
use rawzip::{
    CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder,
};

/// Most bytes of a record; the registry's largest has 3.6 MB.
const LARGEST: u64 = 64 << 20;

/// Entries handed to a thread at once.
const BATCH: usize = 256;

/// Batches that wait for a thread.
const WAITING: usize = 4;

/// An archive that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read.
    #[error("could not read the archive")]
    Unreadable(#[from] io::Error),
    /// It is no whole zip: mostly a download that was cut short.
    #[error("the archive is not whole: {0}; nothing of it was used")]
    NotWhole(String),
}

/// What an archive held.
#[derive(Debug)]
pub struct Held<T> {
    /// What the caller kept.
    pub kept: Vec<T>,
    /// Studies in it.
    pub entries: u64,
    /// Bytes of them, unpacked.
    pub bytes: u64,
}

/// An entry on its way to a thread.
struct Entry {
    name: String,
    at: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    size: u64,
}

/// Says whether a file begins like a zip.
pub fn is_archive(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(b"PK")
}

/// Reads every study of an archive, on every core, in no order. `each` is given the name of the
/// entry and its bytes, and returns what to keep.
///
/// # Errors
///
/// [`ArchiveError`] if the archive is not whole; then nothing may be kept.
pub fn read<T, F>(path: &Path, each: F) -> Result<Held<T>, ArchiveError>
where
    T: Send,
    F: Fn(&str, &[u8]) -> Option<T> + Sync,
{
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(File::open(path)?, &mut buffer)?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (give, take) = sync_channel(WAITING);
    let (take, stop) = (Mutex::new(take), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let shared = work(&archive, &take, &each, &stop);
                    if shared.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    shared
                })
            })
            .collect();
        let listed = list(&archive, &mut buffer, &give, &stop);
        drop(give);
        let mut held = Held {
            kept: Vec::new(),
            entries: 0,
            bytes: 0,
        };
        for one in running {
            // A thread ends without a result only if it panicked: that goes on.
            let share = one
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            held.kept.extend(share.kept);
            held.entries += share.entries;
            held.bytes += share.bytes;
        }
        let listed = listed?;
        if listed != held.entries {
            return Err(ArchiveError::NotWhole(format!(
                "{listed} studies are listed, {} were read",
                held.entries
            )));
        }
        Ok(held)
    })
}

impl From<rawzip::Error> for ArchiveError {
    fn from(error: rawzip::Error) -> Self {
        Self::NotWhole(error.to_string())
    }
}

/// Hands out the entries that the directory lists, and returns how many studies there are.
fn list(
    archive: &ZipArchive<FileReader>,
    buffer: &mut [u8],
    give: &SyncSender<Vec<Entry>>,
    stop: &AtomicBool,
) -> Result<u64, ArchiveError> {
    let (mut studies, mut all) = (0, 0);
    let mut batch = Vec::with_capacity(BATCH);
    let mut entries = archive.entries(buffer);
    while let Some(entry) = entries.next_entry()? {
        all += 1;
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        let is_json = Path::new(&name)
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        if entry.is_dir() || !is_json {
            continue;
        }
        studies += 1;
        batch.push(Entry {
            at: entry.wayfinder(),
            method: entry.compression_method(),
            size: entry.uncompressed_size_hint(),
            name,
        });
        if batch.len() == BATCH {
            // Nobody takes any more only where a thread met an error, which is told.
            if stop.load(Ordering::Relaxed) || give.send(std::mem::take(&mut batch)).is_err() {
                return Ok(studies);
            }
        }
    }
    let _ = give.send(batch);
    if all != archive.entries_hint() {
        return Err(ArchiveError::NotWhole(format!(
            "its end counts {} entries, but it lists {all}",
            archive.entries_hint()
        )));
    }
    Ok(studies)
}

fn work<T, F>(
    archive: &ZipArchive<FileReader>,
    take: &Mutex<Receiver<Vec<Entry>>>,
    each: &F,
    stop: &AtomicBool,
) -> Result<Held<T>, ArchiveError>
where
    F: Fn(&str, &[u8]) -> Option<T>,
{
    let mut held = Held {
        kept: Vec::new(),
        entries: 0,
        bytes: 0,
    };
    let mut record = Vec::new();
    loop {
        let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else {
            return Ok(held);
        };
        for entry in batch {
            // The others are taken out of the channel, so that nobody waits for room in it.
            if stop.load(Ordering::Relaxed) {
                break;
            }
            unpack(archive, &entry, &mut record)?;
            held.entries += 1;
            held.bytes += record.len() as u64;
            held.kept.extend(each(&entry.name, &record));
        }
    }
}

/// Unpacks an entry, and checks its length and sum.
fn unpack(
    archive: &ZipArchive<FileReader>,
    entry: &Entry,
    record: &mut Vec<u8>,
) -> Result<(), ArchiveError> {
    let named = |what: &str| ArchiveError::NotWhole(format!("`{}`: {what}", entry.name));
    if entry.size > LARGEST {
        return Err(named("it is larger than any study"));
    }
    record.clear();
    let found = archive
        .get_entry(entry.at)
        .map_err(|error| named(&error.to_string()))?;
    let packed = found.reader();
    let read = match entry.method {
        CompressionMethod::DEFLATE => {
            let plain = DeflateDecoder::new(BufReader::with_capacity(1 << 15, packed));
            found
                .verifying_reader(plain)
                .take(LARGEST)
                .read_to_end(record)
        }
        CompressionMethod::STORE => found
            .verifying_reader(packed)
            .take(LARGEST)
            .read_to_end(record),
        other => {
            return Err(named(&format!(
                "it is packed in a way that is not known ({other:?})"
            )));
        }
    };
    read.map(drop).map_err(|error| named(&error.to_string()))
}
