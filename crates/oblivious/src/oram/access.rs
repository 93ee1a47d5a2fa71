use super::evict::evict;
use super::tree::{Edit, Target, Tree};
use crate::kernel::{Choice, Kernel, LANES};
use crate::reveal::reveal_word;

impl<const D: usize> Tree<D> {
    /// Reads a path, takes the block out, edits it, and keeps it in the stash under its new leaf;
    /// then tidies two paths. Says whether the stash sufficed, too.
    #[inline(always)]
    pub(super) fn access<K: Kernel, E: Edit<D>>(
        &mut self,
        k: K,
        mut target: Target,
        edit: E,
    ) -> (Choice, E::Out) {
        target.leaf = reveal_word(target.leaf);
        self.revealed = target.leaf;
        let paths = [self.tidy_path(0), self.tidy_path(1)];
        self.tidied += 2;
        self.ask::<K>(target.leaf);
        let mut taken = ([k.splat(0); D], 0);
        self.take_from_stash(k, target.name, &mut taken);
        self.take_from_path(k, target, &mut taken);
        let mut block = [[K::Word::default(); LANES]; D];
        for (line, v) in block.iter_mut().zip(taken.0) {
            k.write(line, v);
        }
        let (keep, out) = edit.edit(k, Choice::from_bit(taken.1), &mut block);
        let kept = self.keep(k, target, &block, keep);
        for path in paths {
            evict(k, self, path);
        }
        (kept, out)
    }
}
