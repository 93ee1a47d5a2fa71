use super::bindings::wasi::filesystem::types::ErrorCode;
use super::files::Files;

/// A file or directory of the guest: `/`, `/in`, `/out`, and the files below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    /// `/`
    Root,
    /// `/in`
    In,
    /// `/out`
    Out,
    /// `/in/NAME`, by index.
    Input(usize),
    /// `/out/NAME`, by index.
    Output(usize),
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// To something that exists.
    Found(Node),
    /// To an output that the guest has not made yet.
    NotYet(usize),
    /// To nothing, in this directory.
    Nothing(Node),
}

impl Node {
    pub(crate) const fn is_directory(self) -> bool {
        matches!(self, Self::Root | Self::In | Self::Out)
    }

    /// A number that no other node has.
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Root => 1,
            Self::In => 2,
            Self::Out => 3,
            Self::Input(index) => 4 + 2 * index as u64,
            Self::Output(index) => 5 + 2 * index as u64,
        }
    }

    /// The entry at that place of a directory's list. A place may be empty: `None` within.
    pub(crate) fn entry(self, files: &Files, place: usize) -> Option<Option<(Self, &str)>> {
        match self {
            Self::Root => [(Self::In, "in"), (Self::Out, "out")]
                .get(place)
                .map(|entry| Some(*entry)),
            Self::In => files
                .inputs
                .get(place)
                .map(|input| Some((Self::Input(place), input.name()))),
            Self::Out => files.outputs.get(place).map(|output| {
                output
                    .is_created()
                    .then(|| (Self::Output(place), output.name()))
            }),
            Self::Input(_) | Self::Output(_) => None,
        }
    }
}

/// Follows a path from a directory, as WASI says: never absolute, never above the root. There are
/// no links.
pub(crate) fn resolve(files: &Files, base: Node, path: &str) -> Result<Place, ErrorCode> {
    if !base.is_directory() {
        return Err(ErrorCode::NotDirectory);
    }
    if path.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if path.starts_with('/') || path.contains('\0') {
        return Err(ErrorCode::NotPermitted);
    }
    let mut place = Place::Found(base);
    for step in path.split('/') {
        place = match (place, step) {
            (Place::Found(node), _) if !node.is_directory() => {
                return Err(ErrorCode::NotDirectory);
            }
            (Place::Found(_), "" | ".") => place,
            (Place::Found(Node::Root), "..") => return Err(ErrorCode::NotPermitted),
            (Place::Found(_), "..") => Place::Found(Node::Root),
            (Place::Found(node), name) => child(files, node, name),
            // A slash may end the name of something that does not exist, nothing may follow.
            (_, "") => place,
            _ => return Err(ErrorCode::NoEntry),
        };
    }
    Ok(place)
}

/// What exists at a path.
pub(crate) fn find(files: &Files, base: Node, path: &str) -> Result<Node, ErrorCode> {
    match resolve(files, base, path)? {
        Place::Found(node) => Ok(node),
        Place::NotYet(_) | Place::Nothing(_) => Err(ErrorCode::NoEntry),
    }
}

fn child(files: &Files, directory: Node, name: &str) -> Place {
    let found = match (directory, name) {
        (Node::Root, "in") => Some(Node::In),
        (Node::Root, "out") => Some(Node::Out),
        (Node::In, _) => files
            .inputs
            .iter()
            .position(|input| input.name() == name)
            .map(Node::Input),
        (Node::Out, _) => files
            .outputs
            .iter()
            .position(|output| output.name() == name)
            .map(Node::Output),
        _ => None,
    };
    match found {
        Some(Node::Output(index)) if !files.outputs[index].is_created() => Place::NotYet(index),
        Some(node) => Place::Found(node),
        None => Place::Nothing(directory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{InputFile, OutputFile};

    fn files() -> Files {
        let mut files = Files::new(
            vec![InputFile {
                name: "a".parse().unwrap(),
                size: 0,
                data: Box::new(std::io::empty()),
            }],
            ["x", "y"]
                .map(|name| OutputFile {
                    name: name.parse().unwrap(),
                    max_bytes: 1,
                    sink: Box::new(Vec::new()),
                })
                .into(),
        );
        files.outputs[1].create();
        files
    }

    #[test]
    fn paths_lead_where_they_should() {
        let files = files();
        let at = |base, path| resolve(&files, base, path);
        for path in ["in/a", "./in//a", "out/../in/a", "in/./a"] {
            assert_eq!(at(Node::Root, path), Ok(Place::Found(Node::Input(0))));
        }
        assert_eq!(at(Node::In, ".."), Ok(Place::Found(Node::Root)));
        assert_eq!(at(Node::In, "../out/"), Ok(Place::Found(Node::Out)));
        assert_eq!(at(Node::Out, "x"), Ok(Place::NotYet(0)));
        assert_eq!(at(Node::Out, "y"), Ok(Place::Found(Node::Output(1))));
        assert_eq!(at(Node::Out, "z"), Ok(Place::Nothing(Node::Out)));
        assert_eq!(at(Node::Root, "etc"), Ok(Place::Nothing(Node::Root)));
    }

    #[test]
    fn paths_that_lead_nowhere_are_refused() {
        let files = files();
        for (path, expected) in [
            ("", ErrorCode::NoEntry),
            ("/in/a", ErrorCode::NotPermitted),
            ("..", ErrorCode::NotPermitted),
            ("in/../../in/a", ErrorCode::NotPermitted),
            ("in/a/", ErrorCode::NotDirectory),
            ("in/a/..", ErrorCode::NotDirectory),
            ("in/a/b", ErrorCode::NotDirectory),
            ("in/b/c", ErrorCode::NoEntry),
            ("in/a\0", ErrorCode::NotPermitted),
        ] {
            assert_eq!(resolve(&files, Node::Root, path), Err(expected), "{path:?}");
        }
        assert_eq!(
            resolve(&files, Node::Input(0), "a"),
            Err(ErrorCode::NotDirectory)
        );
    }
}
