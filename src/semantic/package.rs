//! How the commands of package managers are read.

use crate::knowledge::{Action, Manager};
use crate::shell::Word;

impl Manager {
    /// Finds the subcommand among the words behind the program: its action, its first word and how
    /// many words it has.
    pub(super) fn subcommand(&self, args: &[Word]) -> Option<(Action, usize, usize)> {
        if self.install.first().is_some_and(|i| i.starts_with('-')) {
            return self.operation(args);
        }
        let first = self.operands(args).next()?;
        let name = args[first].as_str()?;
        let pair = args.get(first + 1).and_then(Word::as_str);
        for (list, action) in [
            (self.install, Action::Install),
            (self.update, Action::Update),
            (self.upgrade, Action::Upgrade),
            (self.remove, Action::Remove),
            (self.clean, Action::Clean),
        ] {
            for entry in list {
                match entry.split_once(' ') {
                    None if *entry == name => return Some((action, first, 1)),
                    Some((a, b)) if a == name && pair == Some(b) => return Some((action, first, 2)),
                    _ => {}
                }
            }
        }
        Some((Action::Other, first, 1))
    }

    /// The same where operations are options, as `-Syu` of pacman: `-S` with `c` empties caches, with
    /// `g`, `i`, `l`, `p` or `s` it only shows something, with `y` alone it fetches lists.
    fn operation(&self, args: &[Word]) -> Option<(Action, usize, usize)> {
        let is = |list: &[&str], word: &str| list.iter().any(|o| word.starts_with(o));
        let at = args
            .iter()
            .position(|w| is(self.install, w.static_prefix()) || is(self.remove, w.static_prefix()))?;
        let word = args[at].as_str()?;
        let named = self.operands(args).next().is_some();
        let action = match () {
            () if is(self.remove, word) => Action::Remove,
            () if word.contains('c') => Action::Clean,
            () if word.contains(['g', 'i', 'l', 'p', 's']) => Action::Other,
            () if named => Action::Install,
            () if word.contains('u') => Action::Upgrade,
            () if word.contains('y') => Action::Update,
            () => Action::Install,
        };
        Some((action, at, 1))
    }

    /// True if it installs without a subcommand, and `args` have none and ask for nothing else.
    pub(super) fn installs_alone(&self, args: &[Word]) -> bool {
        self.install_from_manifest.contains(&"")
            && self.operands(args).next().is_none()
            && !args.iter().any(|w| ["-v", "--version", "-h", "--help"].iter().any(|o| w.is(o)))
    }

    /// True for an option that none of the lists has, where they are complete: what follows it may be its value.
    fn is_unknown_option(&self, option: &str) -> bool {
        let known = [self.flags, self.values, self.yes, self.no_cache, self.no_recommends, self.dry_run];
        !self.flags.is_empty()
            && option.starts_with("--")
            && option.len() > 2
            && !option.starts_with("--no-")
            && !option.contains('=')
            && !known.iter().any(|list| list.contains(&option))
    }

    /// The words that are neither options nor values of options, by index.
    pub(super) fn operands<'a>(&'a self, args: &'a [Word]) -> impl Iterator<Item = usize> + 'a {
        let mut skip = false;
        let mut only_operands = false;
        args.iter().enumerate().filter_map(move |(i, word)| {
            if std::mem::take(&mut skip) {
                return None;
            }
            let prefix = word.static_prefix();
            if !only_operands && prefix.starts_with('-') && prefix.len() > 1 {
                only_operands = word.is("--");
                skip = word.as_str().is_some_and(|w| self.values.contains(&w) || self.is_unknown_option(w));
                return None;
            }
            Some(i)
        })
    }
}
