use super::{Fault, files, read_table};

/// What is said of a table where its first `old` is `new`.
fn fault(table: &str, old: &str, new: &str) -> String {
    let mut replaced = false;
    let mut read = |name: &str| -> Result<String, Fault> {
        let text = read_table(name)?;
        if name != table {
            return Ok(text);
        }
        replaced = text.contains(old);
        Ok(text.replacen(old, new, 1))
    };
    let fault = files(&mut read).err().map(|fault| fault.to_string()).unwrap_or_default();
    assert!(replaced, "`{table}` has no {old:?}");
    fault
}

#[test]
fn broken_tables_stop_the_build_with_their_line() {
    for (table, old, new, want) in [
        (
            "apt/bookworm.tsv",
            "\t2026-11",
            "\t2026",
            "1: the third field of the first line must be a month, as 2026-11",
        ),
        ("apt/bookworm.tsv", "aardvark-dns\t2438", "aardvark-dns\tx", "2: field 2 must be a number, not `x`"),
        (
            "apt/bookworm.tsv",
            "\tnetavark\n",
            "\tno-such|name\n",
            "2: nothing in the table is or provides `no-such|name`",
        ),
        (
            "apt/bookworm.tsv",
            "\nack\t",
            "\nadduser\t",
            "5: the first field must be a name that no other row has",
        ),
        ("apt/bytecode.tsv", "ansible\t", "ansible\t-", "2: field 2 must be a number, not `-185559`"),
        ("base_packages.toml", "[images]\n", "[images]\nx = { full = \"y\" }\n", "50: there is no such set"),
        (
            "base_packages.toml",
            "with = \"curl\"",
            "with = \"full\"",
            "9: `with` must name a set above this one",
        ),
        (
            "base_packages.toml",
            "packages = [\"git",
            "packaged = [\"git",
            "10: unknown key `sets.packaged`; did you mean `packages`?",
        ),
        (
            "pip/packages.tsv",
            "\taiohappyeyeballs aiosignal",
            "\taiohappyeyeballs aiosingal",
            "5: the table has no `aiosingal`",
        ),
        (
            "base_images.tsv",
            "\tcompressed\t",
            "\tpacked\t",
            "3: field 4 must be compressed or unpacked, not `packed`",
        ),
        (
            "images.toml",
            "family = \"debian\"",
            "family = \"debain\"",
            "20: `debain` must be one of debian, ubuntu, alpine, red-hat, suse, arch, bare, windows, unknown",
        ),
        ("package_managers.toml", "id = \"apt\"", "name = \"apt\"", "3: `id` is missing"),
        ("lifecycle.toml", "\"6\" = \"2016-02\"", "\"6\" = \"2016\"", "16: this must be a month, as 2026-11"),
    ] {
        assert_eq!(fault(table, old, new), format!("rules/data/{table}:{want}"));
    }
}
