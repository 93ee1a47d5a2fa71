use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File};
use std::io::{self, Write as _};
use std::path::Path;

use adyton_merkle::{
    Checkpoint, LogVerifier, MerkleError, NodeId, ReadNodes, TILE_HEIGHT, TILE_WIDTH, Tile,
    TileKind, node_hash, root_at, tiles_at,
};
use adyton_types::Sha256Digest;

use crate::directory::sync_parent;
use crate::{BrokerdError, Control};

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogExport {
    /// How many entries the exported log has.
    pub size: u64,
    /// How many files were written, the checkpoint included.
    pub files: usize,
}

impl Control {
    /// Writes the log as static files (C2SP `tlog-tiles`) that anyone can check and serve. In a
    /// directory that holds an earlier export, only what is new is written.
    ///
    /// # Errors
    /// [`BrokerdError::OtherLog`] if the directory holds a checkpoint that is not this log's past;
    /// else whatever failed. The checkpoint is written last.
    pub fn export_log(&mut self, to: &Path) -> Result<LogExport, BrokerdError> {
        export(self, to)
    }
}

/// Exports through whichever way the owner has.
fn export(control: &mut Control, to: &Path) -> Result<LogExport, BrokerdError> {
    let log = control.card().log().clone();
    DirBuilder::new()
        .recursive(true)
        .create(to)
        .map_err(BrokerdError::file(to))?;
    let signed = control.checkpoint()?;
    let now = log.open(&signed)?;
    let place = to.join("checkpoint");
    let before = earlier(&log, &place)?.filter(|before| before.size > 0);
    let tiles = Shared(RefCell::new(Tiles::new(control, now.size)));
    let foreign = || BrokerdError::OtherLog {
        path: to.to_owned(),
    };
    if let Some(before) = &before
        && (before.size > now.size || root_at(&tiles, before.size)? != before.root)
    {
        return Err(foreign());
    }
    if root_at(&tiles, now.size)? != now.root {
        return Err(BrokerdError::LogRoot);
    }
    let new = tiles_at(now.size, before.map_or(0, |before| before.size));
    let mut tiles = tiles.0.into_inner();
    for tile in &new {
        write_whole(&to.join(tile.to_string()), tiles.read(*tile)?)?;
    }
    write_whole(&place, signed.as_bytes())?;
    Ok(LogExport {
        size: now.size,
        files: new.len().saturating_add(1),
    })
}

/// The checkpoint of an earlier export.
fn earlier(log: &LogVerifier, place: &Path) -> Result<Option<Checkpoint>, BrokerdError> {
    match std::fs::read_to_string(place) {
        Ok(text) => Ok(Some(log.open(&text).map_err(|_| {
            BrokerdError::OtherLog {
                path: place.parent().unwrap_or(place).to_owned(),
            }
        })?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(BrokerdError::file(place)(error)),
    }
}

/// The log's files as the broker gives them, each asked for once.
struct Tiles<'a> {
    control: &'a mut Control,
    size: u64,
    read: BTreeMap<Tile, Vec<u8>>,
}

impl<'a> Tiles<'a> {
    const fn new(control: &'a mut Control, size: u64) -> Self {
        Self {
            control,
            size,
            read: BTreeMap::new(),
        }
    }

    fn read(&mut self, tile: Tile) -> Result<&[u8], BrokerdError> {
        use std::collections::btree_map::Entry;
        match self.read.entry(tile) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(self.control.tile(tile)?)),
        }
    }

    /// A node whose level is a tile's lowest.
    fn hash(&mut self, level: u8, index: u64) -> Result<Sha256Digest, BrokerdError> {
        let have = self.size >> (u32::from(level) * u32::from(TILE_HEIGHT));
        let first = index / TILE_WIDTH * TILE_WIDTH;
        let tile = Tile {
            kind: TileKind::Level(level),
            index: index / TILE_WIDTH,
            width: u16::try_from(have.saturating_sub(first).min(TILE_WIDTH)).unwrap_or(u16::MAX),
        };
        let position = usize::try_from(index - first).unwrap_or(usize::MAX);
        let (hashes, _) = self.read(tile)?.as_chunks::<32>();
        let hash = hashes.get(position).copied().map(Sha256Digest::new);
        hash.ok_or_else(|| missing(level * TILE_HEIGHT, index))
    }

    /// Any node: those between two tiles' levels are computed from the lower one.
    fn node(&mut self, id: NodeId) -> Result<Sha256Digest, BrokerdError> {
        let (level, above) = (id.level / TILE_HEIGHT, id.level % TILE_HEIGHT);
        let first = id.index << above;
        let mut row = (first..first + (1 << above))
            .map(|index| self.hash(level, index))
            .collect::<Result<Vec<_>, _>>()?;
        while row.len() > 1 {
            let (pairs, _) = row.as_chunks::<2>();
            row = pairs.iter().map(|[l, r]| node_hash(l, r)).collect();
        }
        let root = row.first().copied();
        root.ok_or_else(|| missing(id.level, id.index))
    }
}

fn missing(level: u8, index: u64) -> BrokerdError {
    MerkleError::MissingNode { level, index }.into()
}

/// What the proofs' arithmetic reads by shared reference.
struct Shared<'a>(RefCell<Tiles<'a>>);

impl ReadNodes for Shared<'_> {
    type Error = BrokerdError;

    fn node(&self, id: NodeId) -> Result<Sha256Digest, BrokerdError> {
        self.0.borrow_mut().node(id)
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), BrokerdError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let write = || {
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).create(parent)?;
        }
        // What an interrupted export left, or somebody else put there: a link must not be followed.
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::create_new(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        sync_parent(path)
    };
    write().map_err(|error| {
        // Where this fails too, the next export writes over it.
        let _ = std::fs::remove_file(&unfinished);
        BrokerdError::file(path)(error)
    })
}
