use std::collections::HashSet;

use crate::findings::Findings;
use crate::metadata::Metadata;

use super::file::Layers;

const PLACE: &str = "layers.toml";

/// Arrows that do not go down, and crates that the file and the workspace do not share.
pub(crate) fn run(layers: &Layers, metadata: &Metadata) -> Findings {
    let arrows: Vec<Arrow<'_>> = metadata
        .members()
        .flat_map(|package| {
            package.dependencies.iter().map(|dependency| Arrow {
                from: &package.name,
                to: &dependency.name,
                for_tests: dependency.kind.as_deref() == Some("dev"),
            })
        })
        .collect();
    let present: Vec<&str> = metadata
        .members()
        .map(|package| package.name.as_str())
        .collect();
    let mut findings = membership(layers, &present);
    findings.append(upward(layers, &arrows));
    findings
}

#[derive(Debug, Clone, Copy)]
struct Arrow<'a> {
    from: &'a str,
    to: &'a str,
    for_tests: bool,
}

fn membership(layers: &Layers, present: &[&str]) -> Findings {
    let mut findings = Findings::default();
    let mut seen = HashSet::new();
    for krate in layers.crates() {
        if !seen.insert(krate) {
            findings.fault(PLACE, "listed-twice", &format!("`{krate}`"));
        }
        if !present.contains(&krate) {
            findings.fault(
                PLACE,
                "absent",
                &format!("`{krate}` is not in the workspace"),
            );
        }
    }
    for krate in present {
        if !seen.contains(krate) {
            findings.fault(PLACE, "not-listed", &format!("`{krate}` has no layer"));
        }
    }
    for krate in layers.marked_unsafe() {
        if !seen.contains(krate) {
            findings.fault(
                PLACE,
                "absent",
                &format!("`{krate}`, marked unsafe, has no layer"),
            );
        }
    }
    findings
}

fn upward(layers: &Layers, arrows: &[Arrow<'_>]) -> Findings {
    let mut findings = Findings::default();
    for arrow in arrows {
        let (Some(from), Some(to)) = (layers.height(arrow.from), layers.height(arrow.to)) else {
            continue;
        };
        // A crate switches features of its own on for its tests by depending on itself.
        let excused = arrow.from == arrow.to || layers.is_test_arrow(arrow.from, arrow.to);
        if to < from || arrow.for_tests && excused {
            continue;
        }
        let rule = if arrow.for_tests {
            "upward-test-arrow"
        } else {
            "upward-arrow"
        };
        findings.fault(
            arrow.from,
            rule,
            &format!("uses `{}`, which stands higher", arrow.to),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Layers {
        Layers::parse(
            "[[layer]]\nname = 'low'\ncrates = ['a', 'b']\n[[layer]]\nname = 'high'\nio = true\n\
             crates = ['c']\n[unsafe]\nc = 'why'\n[test-arrows]\n'a -> c' = 'why'\n",
        )
        .unwrap()
    }

    fn faults(from: &str, to: &str, for_tests: bool) -> usize {
        upward(
            &layers(),
            &[Arrow {
                from,
                to,
                for_tests,
            }],
        )
        .faults()
        .len()
    }

    #[test]
    fn arrows_go_down_or_back() {
        assert_eq!(faults("c", "a", false), 0);
        assert_eq!(faults("b", "a", false), 0);
        assert_eq!(faults("a", "b", false), 1);
        assert_eq!(faults("b", "c", false), 1);
        assert_eq!(faults("b", "c", true), 1);
    }

    #[test]
    fn a_listed_test_arrow_may_go_up_for_tests_only() {
        assert_eq!(faults("a", "c", true), 0);
        assert_eq!(faults("a", "c", false), 1);
    }

    #[test]
    fn a_crate_may_depend_on_itself_for_tests_only() {
        assert_eq!(faults("a", "a", true), 0);
        assert_eq!(faults("a", "a", false), 1);
    }

    #[test]
    fn the_file_and_the_workspace_name_the_same_crates() {
        assert_eq!(membership(&layers(), &["a", "b", "c"]).faults().len(), 0);
        assert_eq!(membership(&layers(), &["a", "c"]).faults().len(), 1);
        assert_eq!(
            membership(&layers(), &["a", "b", "c", "d"]).faults().len(),
            1
        );
    }
}
