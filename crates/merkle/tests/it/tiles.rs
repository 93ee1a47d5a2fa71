use adyton_merkle::{
    Tile, TileKind, decode_entry_bundle, encode_entry_bundle, entry_bundles_at, leaf_hash,
    node_hash, tiles_at,
};

use crate::support::{Log, entry};

#[test]
fn paths_round_trip_and_have_one_spelling() {
    let tile = |kind, index, width| Tile { kind, index, width };
    for (path, expected) in [
        ("tile/0/000", tile(TileKind::Level(0), 0, 256)),
        (
            "tile/0/x001/x234/067",
            tile(TileKind::Level(0), 1_234_067, 256),
        ),
        ("tile/1/000.p/1", tile(TileKind::Level(1), 0, 1)),
        (
            "tile/entries/x001/000.p/255",
            tile(TileKind::Entries, 1000, 255),
        ),
    ] {
        assert_eq!(path.parse(), Ok(expected));
        assert_eq!(expected.to_string(), path);
    }
    for bad in [
        "tile/0/0",
        "tile/00/000",
        "tile/8/000",
        "tile/0/001/000",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/../000",
        "tile/x/000",
        "",
    ] {
        assert!(bad.parse::<Tile>().is_err(), "{bad}");
    }
}

#[test]
fn a_log_of_600_entries_is_laid_out() {
    let log = Log::of(600);
    let paths: Vec<_> = tiles_at(600, 0).iter().map(Tile::to_string).collect();
    assert_eq!(
        paths,
        [
            "tile/entries/000",
            "tile/entries/001",
            "tile/entries/002.p/88",
            "tile/0/000",
            "tile/0/001",
            "tile/0/002.p/88",
            "tile/1/000.p/2",
        ]
    );
    let grown: Vec<_> = tiles_at(600, 520).iter().map(Tile::to_string).collect();
    assert_eq!(grown, ["tile/entries/002.p/88", "tile/0/002.p/88"]);
    assert!(tiles_at(600, 600).is_empty());

    let bytes = "tile/0/002.p/88"
        .parse::<Tile>()
        .unwrap()
        .encode(&log)
        .unwrap();
    assert_eq!(bytes.len(), 88 * 32);
    assert_eq!(bytes[..32], *leaf_hash(&entry(512)).as_bytes());
    // A hash of level 1 is the root over a whole tile of level 0.
    let mut row: Vec<_> = (256..512).map(|i| leaf_hash(&entry(i))).collect();
    while row.len() > 1 {
        row = row.chunks(2).map(|p| node_hash(&p[0], &p[1])).collect();
    }
    let bytes = "tile/1/000.p/2"
        .parse::<Tile>()
        .unwrap()
        .encode(&log)
        .unwrap();
    assert_eq!(bytes[32..], *row[0].as_bytes());
}

#[test]
fn bundles_round_trip() {
    let entries: [&[u8]; 3] = [b"", b"one", &[9; 300]];
    let bundle = encode_entry_bundle(entries).unwrap();
    assert_eq!(&bundle[..7], b"\0\0\0\x03one");
    assert_eq!(decode_entry_bundle(&bundle).unwrap(), entries);
    assert!(decode_entry_bundle(&bundle[..bundle.len() - 1]).is_err());
    assert!(decode_entry_bundle(&[bundle, vec![0]].concat()).is_err());
    assert!(decode_entry_bundle(&[0; 2 * 257]).is_err());
    assert!(encode_entry_bundle([[0; 65_536].as_slice()]).is_err());
}

#[test]
fn a_size_that_nobody_can_have_costs_nothing() {
    for size in [0, 1, 256, 257, 600] {
        let all = tiles_at(size, 0).into_iter();
        let bundles: Vec<_> = all.filter(|tile| tile.kind == TileKind::Entries).collect();
        assert!(entry_bundles_at(size).eq(bundles), "{size}");
    }
    let last = entry_bundles_at(u64::MAX).nth(2).unwrap();
    assert_eq!(last.to_string(), "tile/entries/002");
}
