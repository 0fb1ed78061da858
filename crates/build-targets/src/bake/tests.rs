use std::fmt::Write;

use crate::files::Memory;
use crate::target::{Context, Dockerfile};

use super::*;

fn request(selection: Selection) -> Request {
    Request { selection, platform: Some("linux/amd64".to_owned()), ..Request::default() }
}

fn resolved(files: &[(&str, &str)], request: &Request) -> Resolution {
    let memory: Memory = files.iter().map(|(path, text)| (*path, *text)).collect();
    resolve(&memory, request)
}

/// The targets of a docker-bake.hcl, a line each, and the problems after them.
fn shown(text: &str) -> String {
    listed(&resolved(&[("docker-bake.hcl", text)], &request(Selection::All)))
}

fn listed(resolution: &Resolution) -> String {
    let mut list = String::new();
    for target in resolution.targets.iter().filter(|target| !target.is_refused) {
        let _ = write!(list, "{}{}:", if target.by_default { "*" } else { "" }, target.name);
        match &target.context {
            Context::Folder { path, .. } if path == Path::new(".") => {}
            Context::Folder { path, .. } => write!(list, " in {}", path.display()).unwrap(),
            Context::Remote(text) => write!(list, " from {}", text.value.as_deref().unwrap()).unwrap(),
            Context::Unknown(_) => list.push_str(" in ?"),
        }
        match &target.dockerfile {
            Dockerfile::File { path, .. } if path == Path::new("Dockerfile") => {}
            Dockerfile::File { path, .. } => write!(list, " file {}", path.display()).unwrap(),
            Dockerfile::Inline(inline) => write!(list, " inline {:?}", inline.text).unwrap(),
            Dockerfile::Unknown(_) => list.push_str(" file ?"),
        }
        let value = |text: &crate::Text| text.value.clone().unwrap_or_else(|| "?".to_owned());
        if let Some(stage) = &target.stage {
            let _ = write!(list, " stage {}", value(stage));
        }
        for argument in &target.arguments {
            let given = argument.value.as_ref().map_or("-".to_owned(), value);
            let _ = write!(list, " {}={given}", value(&argument.name));
        }
        for platform in &target.platforms {
            let _ = write!(list, " on {}", value(platform));
        }
        for context in &target.contexts {
            let _ = write!(list, " {}<-{}", value(&context.name), value(&context.value));
        }
        list.push('\n');
    }
    for problem in &resolution.problems {
        let place = problem.place.map(|place| {
            let source = resolution.sources.file(place.file);
            source.position(place.span().start)
        });
        let (line, column) = place.unwrap_or_default();
        let _ = writeln!(list, "{line}:{column} {}", problem.message);
    }
    list
}

#[test]
fn inherits_go_from_left_to_right_and_null_takes_nothing_away() {
    let text = r#"
target "a" { args = { A = 1, B = 1 } }
target "b" {
  args = { B = 2, C = 2 }
  platforms = ["p", "p", ""]
  contexts = { x = "./x", y = "docker-image://y" }
}
target "default" {
  inherits = ["a", "b"]
  args = { C = 3, A = null, D = null }
  contexts = { x = "" }
  target = "t"
}
"#;
    assert_eq!(
        shown(text),
        "a: A=1 B=1\nb: B=2 C=2 on p x<-x y<-docker-image://y\n\
         *default: stage t A=1 B=2 C=3 on p y<-docker-image://y\n"
    );
}

#[test]
fn an_argument_that_is_null_is_not_passed() {
    let text = "variable \"V\" { default = null }\ntarget \"default\" {\n  args = { A = null, B = V, C = \"\" }\n}\n";
    assert_eq!(shown(text), "*default: C=\n");
}

#[test]
fn paths_begin_in_the_working_folder() {
    let text = r#"
target "a" {
  context = "./sub/../lib/"
  dockerfile = "../x.Dockerfile"
}
target "b" { dockerfile = "cwd://d/D" }
target "c" {
  context = "https://github.com/u/r.git#main:d"
  dockerfile = "D"
}
target "d" { context = "${BAKE_CMD_CONTEXT}z" }
target "e" { context = "" }
target "f" { context = timestamp() }
"#;
    assert_eq!(
        shown(text),
        "a: in lib file x.Dockerfile\nb: file d/D\nc: from https://github.com/u/r.git#main:d file D\n\
         d: in z file z/Dockerfile\ne:\nf: in ? file ?\n"
    );
    let request = Request { folder: "w".into(), files: vec!["w/sub/b.hcl".into()], ..Request::default() };
    let resolution = resolved(&[("w/sub/b.hcl", "target \"a\" { context = \"app\" }\n")], &request);
    assert_eq!(listed(&resolution), "a: in w/app file w/app/Dockerfile\n");
}

#[test]
fn variables_take_the_environment_by_their_type() {
    let text = r#"
variable "T" { default = "d" }
variable "N" { default = 1 }
variable "B" { default = true }
variable "L" {
  type = list(string)
  default = []
}
variable "O" {
  type = object({ a = number })
  default = { a = 1 }
}
variable "E" {}
variable "Z" { default = null }
X = "fixed"
target "default" {
  args = { T = T, N = N + 1, B = B ? "yes" : "no", L = join("+", L), O = O.a, E = "<${E}>", Z = Z, X = X }
}
"#;
    let files = [("docker-bake.hcl", text)];
    let plain = listed(&resolved(&files, &request(Selection::Default)));
    assert_eq!(plain, "*default: B=yes E=<> L= N=2 O=1 T=d X=fixed\n");
    let set =
        [("T", ""), ("N", "41"), ("B", "0"), ("L", "q,r"), ("O_JSON", "{\"a\": 7}"), ("X", "no"), ("E", "e")];
    let environment = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = Request { environment: Some(environment), ..request(Selection::Default) };
    let resolution = resolved(&files, &request);
    assert_eq!(listed(&resolution), "*default: B=no E=<e> L=q+r N=42 O=7 T= X=fixed\n");
    let of = |name: &str| {
        let argument = resolution.targets[0].arguments.iter().find(|a| a.name.value.as_deref() == Some(name));
        argument.unwrap().value.clone().unwrap().from_environment
    };
    assert!(of("E") && !of("X"));
}

#[test]
fn typed_variables_are_read_as_strictly_as_bake_reads_them() {
    let read = |declared: &str, default: &str, name: &str, value: &str| {
        let text = format!(
            "variable \"V\" {{\n  type = {declared}\n  default = {default}\n}}\n\
             target \"default\" {{\n  args = {{ V = jsonencode(V) }}\n}}\n"
        );
        let environment = [(name.to_owned(), value.to_owned())].into_iter().collect();
        let request = Request { environment: Some(environment), ..request(Selection::Default) };
        let resolution = resolved(&[("docker-bake.hcl", &text)], &request);
        match resolution.problems.is_empty() {
            true => listed(&resolution).trim_start_matches("*default: V=").trim_end().to_owned(),
            false => "refused".to_owned(),
        }
    };
    for (declared, default, name, value, expected) in [
        ("list(string)", "[]", "V", "größe,b", "[\"größe\",\"b\"]"),
        ("list(string)", "[]", "V", "", "refused"),
        ("map(string)", "{}", "V", "", "refused"),
        ("list(string)", "[]", "V", "[\"x\"]", "refused"),
        (
            "object({a=string, b=number})",
            "{a=\"1\", b=2}",
            "V_JSON",
            "{\"a\":\"z\"}",
            "{\"a\":\"z\",\"b\":null}",
        ),
        ("object({a=string})", "{a=\"1\"}", "V_JSON", "{\"a\":\"z\",\"c\":1}", "refused"),
        ("list(object({a=string}))", "[]", "V_JSON", "[{\"c\":1}]", "refused"),
        ("list(object({a=string}))", "[]", "V_JSON", "[{}]", "[{\"a\":null}]"),
        ("string", "\"a\"", "V_JSON", "5", "\"5\""),
        ("any", "\"a\"", "V_JSON", "{\"z\":[1]}", "refused"),
        ("any", "\"a\"", "V_JSON", "\"z\"", "refused"),
        ("any", "\"a\"", "V_JSON", "{\"value\":\"z\",\"type\":\"string\"}", "\"z\""),
    ] {
        assert_eq!(read(declared, default, name, value), expected, "{declared} {value}");
    }
}

#[test]
fn a_condition_has_results_of_one_kind() {
    let text = |expression: &str| format!("target \"default\" {{\n  args = {{ A = {expression} }}\n}}\n");
    assert_eq!(shown(&text("true ? 1 : \"größe\"")), "*default: A=1\n");
    assert_eq!(shown(&text("false ? null : \"größe\"")), "*default: A=größe\n");
    let refused =
        resolved(&[("docker-bake.hcl", &text("false ? [1] : \"größe\""))], &request(Selection::All));
    assert_eq!(refused.problems.len(), 1);
}

#[test]
fn a_file_of_any_name_is_one_of_bake_by_what_is_in_it() {
    let kind = |name: &str, text: &str| {
        let memory: Memory = [(name.to_owned(), text)].into_iter().collect();
        crate::Entry::of_files(&memory, "".into(), vec![name.into()]).kind
    };
    use crate::EntryKind::{Bake, Compose};
    assert_eq!(kind("größe.json", "{\"target\": {\"default\": {\"context\": \"j\"}}}"), Bake);
    assert_eq!(kind("a.json", "{\"group\": {\"default\": {\"targets\": [\"a\"]}}}"), Bake);
    assert_eq!(kind("a.json", "{\"services\": {\"web\": {\"build\": \".\"}}}"), Compose);
    assert_eq!(kind("a.json", "{}"), Compose);
    assert_eq!(kind("a.hcl.tmpl", "target \"default\" {\n  context = \"j\"\n}\n"), Bake);
    assert_eq!(kind("a.yml", "target: {default: {context: j}}\n"), Compose);
    assert_eq!(kind("a.txt", "services:\n  web:\n    build: .\n"), Compose);
}

#[test]
fn an_unset_variable_is_noted_where_it_is_used() {
    let text =
        "variable \"V\" {}\ntarget \"default\" {\n  context = \"a/${V}\"\n  args = { A = \"x\", B = V }\n}\n";
    let target = &resolved(&[("docker-bake.hcl", text)], &request(Selection::All)).targets[0];
    let Context::Folder { text: Some(context), .. } = &target.context else { panic!() };
    assert_eq!(context.unset, ["V"]);
    let unset: Vec<bool> =
        target.arguments.iter().map(|a| a.value.as_ref().is_some_and(|v| !v.unset.is_empty())).collect();
    assert_eq!(unset, [false, true]);
}

#[test]
fn a_matrix_makes_targets_and_a_group() {
    let text = r#"
group "default" { targets = ["t"] }
target "t" {
  matrix = { a = ["x", "y"], b = [{ n = 1 }] }
  name = "t-${a}"
  args = { A = a, B = b.n }
}
"#;
    assert_eq!(shown(text), "*t-x: A=x B=1\n*t-y: A=y B=1\n");
    let wrong = "target \"t\" {\n  matrix = { a = [1, 2] }\n}\n";
    assert_eq!(shown(wrong), "1:8 the matrix makes two targets called `t`\n");
    let wrong = "target \"t\" {\n  matrix = { a = [\"x.y\"] }\n  name = a\n}\n";
    assert_eq!(shown(wrong), "3:10 `x.y` is not a name: only letters, digits, `_` and `-` can be in one\n");
    let wrong = "group \"g\" {\n  matrix = { a = [1] }\n  targets = []\n}\n";
    assert_eq!(shown(wrong), "2:12 only targets can have a `matrix` and a `name`\n");
    let many = "target \"t\" {\n  matrix = { a = range(1000), b = range(1000) }\n  name = \"${a}${b}\"\n}\n";
    assert_eq!(shown(many), "2:12 the matrix makes more than 10000 targets\n");
}

#[test]
fn blocks_are_read_as_written_and_functions_are_called() {
    let text = r#"
function "tag" {
  params = [n]
  result = ["img:${n}"]
}
function "twice" {
  params = [x]
  variadic_params = rest
  result = "${x}${x}${length(rest)}"
}
target "base" { dockerfile = "D" }
target "default" {
  inherits = ["base"]
  dockerfile = try(target.own.dockerfile, "none")
  args = { A = target.base.dockerfile, B = twice("z", 1, 2), C = target.own.context == null }
}
target "own" { inherits = ["base"] }
"#;
    assert_eq!(shown(text), "base: file D\n*default: file D A=D B=zz2 C=true\nown: file D\n");
}

#[test]
fn files_come_in_the_order_of_the_newest_releases() {
    let target =
        |value: &str| format!("target \"default\" {{\n  args = {{ LAST = \"{value}\", {value} = 1 }}\n}}\n");
    let json =
        |value: &str| format!(r#"{{"target":{{"default":{{"args":{{"LAST":"{value}","{value}":"1"}}}}}}}}"#);
    let (hcl, over) = (target("hcl"), target("over"));
    let (plain, json_over) = (json("json"), json("jsonover"));
    let files = [
        ("docker-bake.hcl", hcl.as_str()),
        ("docker-bake.json", plain.as_str()),
        ("docker-bake.override.json", json_over.as_str()),
    ];
    let resolution = resolved(&files, &request(Selection::Default));
    assert_eq!(listed(&resolution), "*default: LAST=jsonover hcl=1 json=1 jsonover=1\n");
    let files =
        [("docker-bake.override.hcl", over.as_str()), ("docker-bake.override.json", json_over.as_str())];
    let resolution = resolved(&files, &request(Selection::Default));
    assert_eq!(listed(&resolution), "*default: LAST=over jsonover=1 over=1\n");
}

#[test]
fn groups_contexts_and_defaults() {
    let text = r#"
group "default" { targets = ["g", "t"] }
group "g" { targets = ["a"] }
target "a" {}
target "t" { contexts = { x = "target:u" } }
target "u" {}
target "alone" {}
"#;
    assert_eq!(shown(text), "*a:\n*t: x<-target:u\n*u:\nalone:\n");
    let missing = "group \"default\" {\n  targets = [\"a\", \"b\"]\n}\ntarget \"a\" {}\n";
    assert_eq!(shown(missing), "a:\n2:19 there is no target called `b`\n");
    // A group that is empty, or within itself, stands for a target of its name.
    let own = "group \"default\" { targets = [\"default\"] }\ntarget \"default\" {}\n";
    assert_eq!(shown(own), "*default:\n");
    let within = "group \"default\" { targets = [\"g\"] }\ngroup \"g\" { targets = [\"default\"] }\n";
    assert_eq!(shown(within), "2:24 there is no target called `default`\n");
    let empty =
        "group \"default\" { targets = [\"g\", \"a\"] }\ngroup \"g\" { targets = [] }\ntarget \"a\" {}\n";
    assert_eq!(shown(empty), "a:\n1:30 there is no target called `g`\n");
    let none = resolved(&[("docker-bake.hcl", "target \"a\" {}\n")], &request(Selection::Default));
    assert_eq!(listed(&none), "0:0 there is no target called `default`\n");
    let circle = "target \"a\" { contexts = { x = \"target:b\" } }\ntarget \"b\" { contexts = { x = \"target:a\" } }\n";
    assert!(shown(circle).contains("`a` is built with `b`, which is built with `a`"));
    let inherit = "target \"a\" {\n  inherits = [\"b\"]\n}\ntarget \"b\" {\n  inherits = [\"a\"]\n  target = \"s\"\n}\n";
    assert_eq!(shown(inherit), "a: stage s\nb: stage s\n");
}

#[test]
fn a_group_hides_the_target_of_its_name() {
    let hidden = "group \"a\" { targets = [\"b\"] }\ntarget \"a\" { context = \"aa\" }\ntarget \"b\" {}\ngroup \"default\" { targets = [\"a\"] }\n";
    assert_eq!(shown(hidden), "*b:\n");
    // Another target may start from it, and the group may lead to it.
    let linked = format!("{hidden}target \"c\" {{ contexts = {{ x = \"target:a\" }} }}\n");
    assert_eq!(shown(&linked), "*b:\nc: x<-target:a\na: in aa file aa/Dockerfile\n");
    let around = "group \"a\" { targets = [\"g\"] }\ngroup \"g\" { targets = [\"a\", \"b\"] }\ntarget \"a\" {}\ntarget \"b\" {}\n";
    assert_eq!(shown(around), "a:\nb:\n");
    let files = [
        ("docker-bake.hcl", "target \"default\" { context = \"x\" }\n"),
        ("compose.yaml", "services: {web: {build: w}}\n"),
    ];
    assert_eq!(listed(&resolved(&files, &request(Selection::All))), "*web: in w file w/Dockerfile\n");
}

#[test]
fn a_target_that_bake_refuses_is_no_target() {
    for (text, expected) in [
        ("target \"a\" { contexts = { x = \"target:no\" } }\n", "1:31 there is no target called `no`\n"),
        (
            "group \"g\" { targets = [\"b\"] }\ntarget \"a\" { contexts = { x = \"target:g\" } }\ntarget \"b\" {}\n",
            "b:\n2:31 there is no target called `g`\n",
        ),
        (
            "target \"default\" { contexts = { x = \"target:default\" } }\ntarget \"b\" {}\ntarget \"c\" { contexts = { x = \"target:default\" } }\n",
            "b:\n1:37 `default` is built with itself\n",
        ),
        (
            "target \"a\" { contexts = { x = \"target:b\" } }\ntarget \"b\" { contexts = { x = \"target:a\" } }\ntarget \"c\" {}\n",
            "c:\n2:31 `a` is built with `b`, which is built with `a`\n",
        ),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn what_the_tool_refuses_is_a_problem_with_its_place() {
    for (text, problem) in [
        ("target \"a\" {\n  context = NOTHING\n}\n", "2:13 there is no variable called `NOTHING`"),
        (
            "target \"a\" {\n  tags = \"x\"\n}\n",
            "2:10 the value of `tags` does not fit: a list is needed, not a string",
        ),
        ("target \"a\" {\n  tags = [null]\n}\n", "2:11 an element of this list is null"),
        ("target {}\n", "1:1 a `target` block has one label: its name"),
        ("group \"g\" {}\n", "1:1 a group needs `targets`"),
        (
            "variable \"V\" { default = W }\nvariable \"W\" { default = V }\n",
            "2:26 the variable `V` refers to the variable `W`, which refers to the variable `V`",
        ),
        ("variable \"V\" {\n  type = str\n}\n", "2:10 this is not a type such as"),
        (
            "variable \"V\" {\n  type = number\n  default = \"x\"\n}\n",
            "3:13 the default of `V` does not have its type",
        ),
        (
            "function \"f\" {\n  params = []\n  result = missing\n}\n",
            "3:12 there is no variable called `missing`",
        ),
        ("function \"f\" {\n  params = [a]\n}\n", "1:1 a function needs a `result`"),
        (
            "target \"a\" {\n  args = { X = target.a.args }\n}\n",
            "2:3 `args` of target `a` (no. 0) refers to itself",
        ),
        (
            "variable \"V\" {\n  default = \"\"\n  validation {\n    condition = V != \"\"\n    error_message = \"set it\"\n  }\n}\n",
            "4:17 this condition of the variable does not hold: `set it`",
        ),
    ] {
        let shown = shown(text);
        assert!(shown.starts_with(problem), "{text}\n{shown}");
    }
}

#[test]
fn inline_dockerfiles_know_what_they_are_made_of() {
    let text = "variable \"V\" { default = \"3.20\" }\ntarget \"default\" {\n  dockerfile-inline = <<-E\n    FROM alpine:${V}\n    RUN echo $${HOME}\n  E\n}\n";
    let resolution = resolved(&[("docker-bake.hcl", text)], &request(Selection::All));
    let Dockerfile::Inline(inline) = &resolution.targets[0].dockerfile else { panic!() };
    assert_eq!(inline.text, "FROM alpine:3.20\nRUN echo ${HOME}\n");
    let mut end = inline.text.len();
    for piece in inline.pieces.iter().rev() {
        let made = &inline.text[piece.start as usize..end];
        let written = &text[piece.place.span()];
        end = piece.start as usize;
        if piece.literal {
            assert_eq!(made, written);
        } else {
            assert!([("3.20", "${V}"), ("${", "$${")].contains(&(made, written)), "{made} {written}");
        }
    }
    assert_eq!((end, inline.pieces.len()), (0, 6));
}

#[test]
fn unknown_attributes_are_noted_with_the_one_that_may_be_meant() {
    let text = "target \"a\" {\n  dokerfile = \"x\"\n  args {\n    A = 1\n  }\n}\ntargets \"b\" {}\n";
    let resolution = resolved(&[("docker-bake.hcl", text)], &request(Selection::All));
    let found: Vec<_> = resolution.warnings.iter().map(|w| (&text[w.place.span()], w.kind.clone())).collect();
    let unknown = |key: &str, similar| WarningKind::UnknownKey { key: key.to_owned(), similar };
    assert_eq!(
        found,
        [
            ("dokerfile", unknown("dokerfile", Some("dockerfile"))),
            ("args", unknown("args", Some("args"))),
            ("targets \"b\"", unknown("targets", Some("target"))),
        ]
    );
}

#[test]
fn long_chains_and_large_files_are_bounded() {
    let mut text = String::new();
    for n in 0..2000 {
        let _ = writeln!(text, "variable \"v{n}\" {{ default = v{} }}", n + 1);
    }
    assert!(
        shown(&text)
            .contains("variables, functions and attributes refer to each other more than 100 times in a row")
    );
    let mut text = String::new();
    for n in 0..1000 {
        let _ = writeln!(text, "target \"t{n}\" {{ inherits = [\"t{}\"] }}", n + 1);
    }
    text.push_str("target \"t1000\" {}\n");
    assert!(shown(&text).contains("more than 200 targets inherit"));
    let doubled: String = (0..60)
        .map(|n| format!("variable \"v{}\" {{ default = \"${{v{n}}}${{v{n}}}\" }}\n", n + 1))
        .collect();
    let text = format!("variable \"v0\" {{ default = \"xxxxxxxxxxxxxxxx\" }}\n{doubled}");
    assert!(shown(&text).contains("more steps"));
    let text = format!("target \"default\" {{\n  args = {{\n{}  }}\n}}\n", "    A = 1\n".repeat(20_000));
    assert_eq!(shown(&text), "*default: A=1\n");
    assert!(shown("target \"a\u{1b}[31m\" {}\n").contains("`a\\u{1b}[31m` is not a name"));
}

#[test]
fn names_of_targets_are_known_where_others_write_them() {
    let text = "group \"default\" { targets = [\"a\", \"m\"] }\ntarget \"a\" { inherits = [\"b\", \"gone\"] }\ntarget \"b\" {}\ntarget \"m\" {\n  matrix = { v = [\"1\", \"2\"] }\n  name = \"m${v}\"\n  inherits = [\"b\"]\n}\n";
    let resolution = resolved(&[("docker-bake.hcl", text)], &request(Selection::All));
    let mut named: Vec<_> = resolution.mentions.iter().map(|m| (m.place.start, &*m.name)).collect();
    named.sort_unstable();
    named.dedup();
    let at = |word: &str, nth: usize| u32::try_from(text.match_indices(word).nth(nth).unwrap().0).unwrap();
    let want = [
        (at("\"a\"", 0), "a"),
        (at("\"m\"", 0), "m"),
        (at("\"b\"", 0), "b"),
        (at("\"gone\"", 0), "gone"),
        (at("\"b\"", 2), "b"),
    ];
    assert_eq!(named, want);
}
