//! The registry's whole archive: a zip of one JSON file a study, some 600,000
//! of them, 10 GB unpacked.
//!
//! It is never unpacked as a whole. The directory at its end is read as it
//! stands, entries are shared out among threads, and each thread holds one
//! study at a time, in room that it uses again for the next. A download that was cut short lacks its directory or fails
//! a checksum: it is refused, for it would look like a registry that shrank.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use flate2::{Crc, Decompress, FlushDecompress, Status};
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
    packed: u64,
    sum: u32,
}

/// Says whether a file begins like a zip.
pub fn is_archive(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(b"PK")
}

/// Reads every study of an archive, on every core, in no order.
///
/// `each` is given the name of the entry and its bytes, and returns what to keep. `told` is told how
/// many entries were read, of how many, before the first and now and then.
///
/// # Errors
///
/// [`ArchiveError`] if the archive is not whole; then nothing may be kept.
pub fn read<T, F>(
    path: &Path,
    told: &(dyn Fn(u64, u64) + Sync),
    each: F,
) -> Result<Held<T>, ArchiveError>
where
    T: Send,
    F: Fn(&str, &[u8]) -> Option<T> + Sync,
{
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(File::open(path)?, &mut buffer)?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (give, take) = sync_channel(WAITING);
    let (take, stop) = (Mutex::new(take), AtomicBool::new(false));
    let (read, all) = (AtomicU64::new(0), archive.entries_hint());
    told(0, all);
    let more = |entries: u64| told(read.fetch_add(entries, Ordering::Relaxed) + entries, all);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let shared = work(&archive, &take, &each, &more, &stop);
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
            packed: entry.compressed_size_hint(),
            sum: entry.crc32(),
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
    more: &(dyn Fn(u64) + Sync),
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
    let mut unpacker = Unpacker::new();
    loop {
        let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else {
            return Ok(held);
        };
        let entries = batch.len() as u64;
        for entry in batch {
            // The others are taken out of the channel, so that nobody waits for room in it.
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let record = unpacker
                .unpack(archive, &entry)
                .map_err(|what| ArchiveError::NotWhole(format!("`{}`: {what}", entry.name)))?;
            held.entries += 1;
            held.bytes += record.len() as u64;
            held.kept.extend(each(&entry.name, record));
        }
        more(entries);
    }
}

/// What a thread unpacks with: to make it anew for each of 600,000 studies costs more than the
/// unpacking of a small one.
struct Unpacker {
    inflate: Decompress,
    packed: Vec<u8>,
    record: Vec<u8>,
}

impl Unpacker {
    fn new() -> Self {
        Self {
            inflate: Decompress::new(false),
            packed: Vec::new(),
            record: Vec::new(),
        }
    }

    /// Unpacks an entry, and checks its length and sum. The error says what is wrong with it.
    fn unpack(&mut self, archive: &ZipArchive<FileReader>, entry: &Entry) -> Result<&[u8], String> {
        let length = |bytes: u64| {
            let length = usize::try_from(bytes).ok();
            length.filter(|_| bytes <= LARGEST)
        };
        let (Some(size), Some(packed)) = (length(entry.size), length(entry.packed)) else {
            return Err("it is larger than any study".to_owned());
        };
        let found = archive
            .get_entry(entry.at)
            .map_err(|error| error.to_string())?;
        self.packed.resize(packed, 0);
        let read = found.reader().read_exact(&mut self.packed);
        read.map_err(|error| error.to_string())?;
        match entry.method {
            CompressionMethod::DEFLATE => self.inflate(size)?,
            CompressionMethod::STORE => std::mem::swap(&mut self.packed, &mut self.record),
            other => {
                return Err(format!(
                    "it is packed in a way that is not known ({other:?})"
                ));
            }
        }
        let mut sum = Crc::new();
        sum.update(&self.record);
        if self.record.len() != size || sum.sum() != entry.sum {
            return Err("its length or its checksum is wrong".to_owned());
        }
        Ok(&self.record)
    }

    fn inflate(&mut self, size: usize) -> Result<(), String> {
        // A byte of room more, so that what is longer than it should be shows.
        self.record.resize(size + 1, 0);
        self.inflate.reset(false);
        let end = self
            .inflate
            .decompress(&self.packed, &mut self.record, FlushDecompress::Finish)
            .map_err(|error| error.to_string())?;
        let length = usize::try_from(self.inflate.total_out()).unwrap_or(usize::MAX);
        if end != Status::StreamEnd || length != size {
            return Err("it is cut short, or longer than it should be".to_owned());
        }
        self.record.truncate(size);
        Ok(())
    }
}
