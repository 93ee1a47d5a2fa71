use std::cmp::Reverse;

/// Of several parts that claim to be the same, the one that counts: the first by rank that is good.
/// Anybody can make a part that claims to be newer, so a good one of lower rank wins over a bad one.
/// If none is good it is the first by rank, whose own error then says what is wrong.
pub(super) fn best<'a, T, K: Ord>(
    all: impl Iterator<Item = &'a T>,
    rank: impl Fn(&T) -> K,
    is_good: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    let mut all: Vec<&T> = all.collect();
    all.sort_by_key(|one| Reverse(rank(one)));
    match all.as_slice() {
        // There is nothing to choose, and whoever uses it verifies it.
        [] | [_] => all.first().copied(),
        [first, ..] => Some(all.iter().find(|one| is_good(one)).unwrap_or(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_good_one_of_the_highest_rank_counts_or_else_the_highest() {
        let all = [3, 8, 5, 6];
        let best = |is_good: fn(&i32) -> bool| best(all.iter(), |one| *one, is_good).copied();
        assert_eq!(best(|_| true), Some(8));
        assert_eq!(best(|one| one % 2 == 1), Some(5));
        assert_eq!(best(|_| false), Some(8));
    }

    #[test]
    fn what_has_no_rival_is_not_verified_twice() {
        let never = |_: &i32| panic!("it was");
        assert_eq!(best([4].iter(), |one| *one, never), Some(&4));
        assert_eq!(best([].iter(), |one| *one, never), None);
    }
}
