/// Whom a value of USER names: `USER[:GROUP]`, each by name or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User<'a> {
    /// The user; empty if only a group is named.
    pub name: &'a str,
    /// The group.
    pub group: Option<&'a str>,
}

impl<'a> User<'a> {
    /// Reads a value without variables. BuildKit takes any, the runtime parts it at the first colon.
    #[must_use]
    pub fn of(value: &'a str) -> Self {
        let (name, group) = value.split_once(':').map_or((value, None), |(name, group)| (name, Some(group)));
        Self { name, group }
    }

    /// True for a number, which needs no `/etc/passwd`.
    #[must_use]
    pub fn is_number(self) -> bool {
        !self.name.is_empty() && self.name.bytes().all(|b| b.is_ascii_digit())
    }

    /// True for root, by name or by any spelling of zero.
    #[must_use]
    pub fn is_root(self) -> bool {
        self.name == "root" || self.is_number() && self.name.bytes().all(|b| b == b'0')
    }
}

#[cfg(test)]
mod tests {
    use super::User;

    #[test]
    fn a_value_names_a_user_and_a_group() {
        for (value, name, group, number, root) in [
            ("app", "app", None, false, false),
            ("root:wheel", "root", Some("wheel"), false, true),
            ("000:0:1", "000", Some("0:1"), true, true),
            ("1000", "1000", None, true, false),
            (":app", "", Some("app"), false, false),
            ("", "", None, false, false),
        ] {
            let user = User::of(value);
            assert_eq!((user.name, user.group), (name, group), "{value}");
            assert_eq!((user.is_number(), user.is_root()), (number, root), "{value}");
        }
    }
}
