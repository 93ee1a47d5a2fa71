use std::fmt;
use std::str::FromStr;

use crate::{MerkleError, NodeId, ReadNodes};

/// Levels of the tree that a tile spans (C2SP `tlog-tiles`).
pub const TILE_HEIGHT: u8 = 8;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// The highest tile level of a tree whose size is a `u64`.
const MAX_LEVEL: u8 = 7;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Entries themselves.
    Entries,
    /// Hashes of the tree's level `8 * n`.
    Level(u8),
}

/// A file of a log's static layout. Its text form is the path, such as `tile/0/x001/067` or
/// `tile/entries/000.p/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Index among the tiles of its kind.
    pub index: u64,
    /// How many hashes or entries it holds: 1 to 256; fewer than 256 only at the right edge.
    pub width: u16,
}

impl Tile {
    /// The indices that it holds, of entries or of nodes of level `8 * n`.
    pub fn range(&self) -> impl Iterator<Item = u64> + use<> {
        let first = self.index.saturating_mul(TILE_WIDTH);
        (0..u64::from(self.width)).map(move |i| first.saturating_add(i))
    }

    /// The bytes of a tile of hashes: they stand one after the other.
    ///
    /// # Errors
    /// [`MerkleError::TilePath`] for a bundle of entries, and those of the store.
    pub fn encode<N: ReadNodes>(&self, nodes: &N) -> Result<Vec<u8>, N::Error> {
        let TileKind::Level(level) = self.kind else {
            return Err(MerkleError::TilePath.into());
        };
        let mut bytes = Vec::with_capacity(usize::from(self.width) * 32);
        for index in self.range() {
            let level = level.saturating_mul(TILE_HEIGHT);
            bytes.extend_from_slice(nodes.node(NodeId { level, index })?.as_bytes());
        }
        Ok(bytes)
    }
}

/// The files that make up a tree of this size and were not in full width part of the tree of
/// `already` entries: what has to be written when a log has grown. With `already` 0, all of them.
#[must_use]
pub fn tiles_at(size: u64, already: u64) -> Vec<Tile> {
    let levels =
        (0..=MAX_LEVEL).map(|level| (TileKind::Level(level), u32::from(level * TILE_HEIGHT)));
    let mut tiles = Vec::new();
    for (kind, shift) in std::iter::once((TileKind::Entries, 0)).chain(levels) {
        let (have, had) = (size >> shift, already >> shift);
        for index in had / TILE_WIDTH..have.div_ceil(TILE_WIDTH) {
            let width = (have - index * TILE_WIDTH).min(TILE_WIDTH);
            if have > had {
                tiles.push(Tile {
                    kind,
                    index,
                    width: u16::try_from(width).unwrap_or(u16::MAX),
                });
            }
        }
    }
    tiles
}

/// The bundles of entries that make up a tree of this size, from the first on, one at a time: a
/// size is a stranger's word until the files are there.
pub fn entry_bundles_at(size: u64) -> impl Iterator<Item = Tile> {
    (0..size.div_ceil(TILE_WIDTH)).map(move |index| Tile {
        kind: TileKind::Entries,
        index,
        width: u16::try_from((size - index * TILE_WIDTH).min(TILE_WIDTH)).unwrap_or(u16::MAX),
    })
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Level(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (left, group) in (0..groups.len()).rev().zip(groups.iter().rev()) {
            match left {
                0 => write!(f, "{group:03}")?,
                _ => write!(f, "x{group:03}/")?,
            }
        }
        if u64::from(self.width) < TILE_WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = MerkleError;

    fn from_str(path: &str) -> Result<Self, MerkleError> {
        let parse = || {
            let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
            let kind = match kind {
                "entries" => TileKind::Entries,
                level => TileKind::Level(level.parse().ok().filter(|l| *l <= MAX_LEVEL)?),
            };
            let (index, width) = match rest.split_once(".p/") {
                Some((index, width)) => {
                    (index, width.parse().ok().filter(|w| (1..256).contains(w))?)
                }
                None => (rest, 256),
            };
            let index = index.split('/').try_fold(0u64, |index, group| {
                let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
                index.checked_mul(1000)?.checked_add(group)
            })?;
            let tile = Self { kind, index, width };
            // One tile has one path: other spellings of the same numbers are refused.
            (tile.to_string() == path).then_some(tile)
        };
        parse().ok_or(MerkleError::TilePath)
    }
}
