use std::collections::BTreeMap;
use std::rc::Rc;

use crate::hcl::parse_body;
use crate::source::Sources;

use super::*;

/// The value of an expression as JSON, or what is wrong with it.
fn value(expr: &str) -> String {
    let text = format!("x = {expr}\n");
    let mut sources = Sources::default();
    let file = sources.add("x.hcl".into(), text.as_str().into()).unwrap();
    let body = match parse_body(&text, file) {
        Ok(body) => body,
        Err(problem) => return format!("syntax: {}", problem.message),
    };
    let mut evaluator = Evaluator::default();
    let object = [("k", Value::text("v")), ("n", Value::Null), ("u", Value::Unknown)];
    let object: BTreeMap<String, Value> = object.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    for (name, value) in [("o", Value::object(object)), ("u", Value::Unknown), ("s", Value::text("text"))] {
        evaluator.variables.insert(name.to_owned(), (value, Origin::default()));
    }
    match evaluator.value(&body.attributes[0].value) {
        Ok(value) if !value.is_known() => "unknown".to_owned(),
        Ok(value) => {
            let mut json = String::new();
            functions::json_into(&value, &mut json);
            json
        }
        Err(Stop::Fault(problem)) => problem.message,
        Err(Stop::Limit(problem)) => format!("limit: {}", problem.message),
    }
}

#[track_caller]
fn all(cases: &[(&str, &str)]) {
    for (expr, expected) in cases {
        assert_eq!(value(expr), *expected, "{expr}");
    }
}

#[test]
fn operators() {
    all(&[
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("0.1 + 0.2", "0.3"),
        ("7 % 4 == 3 && !(1 > 2)", "true"),
        ("-3 + 1", "-2"),
        ("\"5\" * 2", "10"),
        ("1 == \"1\"", "false"),
        ("[1] == [1]", "true"),
        ("split(\",\", \"a\") == [\"a\"]", "false"),
        ("null == null", "true"),
        ("false && nothing", "false"),
        ("nothing || true", "true"),
        ("nothing && true", "there is no variable called `nothing`"),
        ("0 / 0", "division by zero"),
        ("1 / 0", "unknown"),
        ("1 % 0", "1"),
        ("1 / 3", "unknown"),
        ("1 / 8", "0.125"),
        ("1.10", "1.1"),
        ("u == 1", "unknown"),
        ("\"a\" < 1", "a number is needed, not a string"),
    ]);
}

#[test]
fn conditions_and_templates() {
    all(&[
        ("true ? 1 : \"a\"", "\"1\""),
        ("false ? nothing : \"b\"", "\"b\""),
        ("u ? 1 : 2", "unknown"),
        ("\"${s}-${1}\"", "\"text-1\""),
        ("\"${[1]}\"", "[1]"),
        ("\"a${[1]}\"", "a string is needed, not a list"),
        ("\"a${null}\"", "null cannot be put into a text"),
        ("\"%{if s == \"text\"}yes%{else}no%{endif}\"", "\"yes\""),
        ("\"%{for k, v in {a = 1, b = 2}}${k}${v};%{endfor}\"", "\"a1;b2;\""),
        ("\"a ${~ s ~} b\"", "\"atextb\""),
        ("\"a${u}\"", "unknown"),
    ]);
}

#[test]
fn lists_and_objects() {
    all(&[
        ("[for x in [1, 2, 3] : x * 2 if x != 2]", "[2,6]"),
        ("{for x in [\"a\", \"b\"] : x => upper(x)}", "{\"a\":\"A\",\"b\":\"B\"}"),
        ("{for x in [\"a\", \"a\"] : x => x}", "two items have the key `a`"),
        ("{for x in [\"a\", \"a\"] : x => x...}", "{\"a\":[\"a\",\"a\"]}"),
        ("[{a = 1}, {a = 2}][*].a", "[1,2]"),
        ("[{a = 1}].*.a", "[1]"),
        ("o.k", "\"v\""),
        ("o[\"k\"]", "\"v\""),
        ("o.nothing", "there is no `nothing` in it"),
        ("o.n[*]", "[]"),
        ("s[*]", "[\"text\"]"),
        ("[1, 2][1]", "2"),
        ("[1, 2].1", "2"),
        ("[1][5]", "there is no element 5: it has 1 element"),
        ("{a = 1, a = 2}", "{\"a\":2}"),
        ("{(s) = 1, k: 2}", "{\"k\":2,\"text\":1}"),
        ("o", "unknown"),
    ]);
}

#[test]
fn functions_on_texts() {
    all(&[
        ("split(\",\", \"a,b\")", "[\"a\",\"b\"]"),
        ("join(\"-\", [\"a\", 1])", "\"a-1\""),
        ("replace(\"a.b.c\", \".\", \"_\")", "\"a_b_c\""),
        ("regex_replace(\"v1.2\", \"^v([0-9])\", \"x$${1}\")", "\"x1.2\""),
        ("regex(\"[a-z]+\", \"12ab3\")", "\"ab\""),
        ("regex(\"(?P<a>\\\\d)(?P<b>\\\\d)\", \"12\")", "{\"a\":\"1\",\"b\":\"2\"}"),
        ("can(regex(\"x\", \"y\"))", "false"),
        ("regexall(\"[0-9]\", \"1a2\")", "[\"1\",\"2\"]"),
        ("try(o.nothing, s)", "\"text\""),
        ("trimprefix(trimsuffix(\"abc\", \"c\"), \"a\")", "\"b\""),
        ("trim(\"xxaxx\", \"x\")", "\"a\""),
        ("title(\"hello it's\")", "\"Hello It'S\""),
        ("indent(2, \"a\\nb\")", "\"a\\n  b\""),
        ("substr(\"hello\", 1, 3)", "\"ell\""),
        ("substr(\"hello\", -3, -1)", "\"llo\""),
        ("format(\"%s-%03d-%q\", \"a\", 7, \"b\")", "\"a-007-\\\"b\\\"\""),
        ("format(\"%[2]s%[1]s %v %5.2f%%\", \"a\", \"b\", 1.5)", "\"ba b  1.50%\""),
        ("formatlist(\"%s/x\", [\"a\", \"b\"])", "[\"a/x\",\"b/x\"]"),
        ("sanitize(\"a.b/c\")", "\"a_b_c\""),
        ("basename(\"a/b/\")", "\"b\""),
        ("dirname(\"a/b/c\")", "\"a/b\""),
        ("strlen(\"héé\")", "3"),
        ("csvdecode(\"a,b\\n1,\\\"2,3\\\"\\n\")", "[{\"a\":\"1\",\"b\":\"2,3\"}]"),
    ]);
}

#[test]
fn functions_on_collections() {
    all(&[
        ("lookup({a = 1}, \"b\", 2)", "2"),
        ("merge({a = 1}, null, {b = 2})", "{\"a\":1,\"b\":2}"),
        ("concat([1], [2])", "[1,2]"),
        ("contains([\"a\"], \"a\")", "true"),
        ("setproduct([\"a\", \"b\"], [1])", "[[\"a\",1],[\"b\",1]]"),
        ("flatten([[1, [2]], 3])", "[1,2,3]"),
        ("keys({b = 1, a = 2})", "[\"a\",\"b\"]"),
        ("values({b = 1, a = 2})", "[2,1]"),
        ("coalesce(null, 1, \"a\")", "\"1\""),
        ("compact([\"\", \"a\", null])", "[\"a\"]"),
        ("distinct([\"a\", \"b\", \"a\"])", "[\"a\",\"b\"]"),
        ("range(3)", "[0,1,2]"),
        ("range(3, 0)", "[3,2,1]"),
        ("reverselist([1, 2])", "[2,1]"),
        ("slice([1, 2, 3], 1, 2)", "[2]"),
        ("sort([\"b\", \"a\"])", "[\"a\",\"b\"]"),
        ("zipmap([\"a\"], [1])", "{\"a\":1}"),
        ("element([1, 2], 3)", "2"),
        ("index([1, 2], 1)", "2"),
        ("indexof([\"a\", \"b\"], \"b\")", "1"),
        ("length(convert({a = 1}, map(number)))", "1"),
        ("can(length({a = 1}))", "false"),
        ("setsymmetricdifference([\"a\", \"b\"], [\"b\", \"c\"], [\"c\", \"d\"])", "[\"a\",\"d\"]"),
        ("sethaselement([1, 2], 2)", "true"),
        ("setunion([\"b\"], [\"a\", \"b\"])", "[\"a\",\"b\"]"),
        ("setintersection([1, 2], [2, 3])", "[2]"),
        ("setsubtract([1, 2], [2])", "[1]"),
        ("chunklist([1, 2, 3], 2)", "[[1,2],[3]]"),
        ("hasindex([1], 1)", "false"),
        ("coalescelist([], [1])", "[1]"),
        ("max([1, 3, 2]...)", "3"),
    ]);
}

#[test]
fn functions_on_encodings_and_numbers() {
    all(&[
        ("md5(\"a\")", "\"0cc175b9c0f1b6a831c399e269772661\""),
        ("sha1(\"a\")", "\"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\""),
        ("substr(sha256(\"a\"), 0, 8)", "\"ca978112\""),
        ("base64encode(\"hello\")", "\"aGVsbG8=\""),
        ("base64decode(\"aGVsbG8=\")", "\"hello\""),
        ("urlencode(\"a b/c\")", "\"a+b%2Fc\""),
        ("jsonencode({a = [1, true, null, \"<\"]})", "\"{\\\"a\\\":[1,true,null,\\\"\\\\u003c\\\"]}\""),
        ("jsondecode(\"{\\\"a\\\": [1.5]}\").a[0]", "1.5"),
        ("parseint(\"ff\", 16)", "255"),
        ("floor(1.7) + ceil(1.2) + absolute(-1)", "4"),
        ("pow(2, 10)", "1024"),
        ("semvercmp(\"1.2.3\", \">=1.2, <2\")", "true"),
        ("semvercmp(\"1.2.3\", \"~1.3\")", "false"),
        ("semvercmp(\"v0.2.5\", \"^0.2.1 || 3.x\")", "true"),
        ("timestamp()", "unknown"),
        ("convert(\"3\", number) + 1", "4"),
        ("nothing()", "there is no function called `nothing`"),
        ("upper()", "`upper`: it takes 1 argument, not 0"),
        ("upper(null)", "`upper`: argument 1 cannot be null"),
        ("upper(u)", "unknown"),
        ("upper(\"größe ŉ\")", "\"GRÖßE ŉ\""),
        ("lower(\"İÄ\")", "\"iä\""),
        ("csvdecode(\"a\\n1\\\"x\")", "`csvdecode`: a quote stands within a value without quotes"),
    ]);
}

#[test]
fn functions_on_times_addresses_and_names() {
    let text = |expr: &str, expected: &str| assert_eq!(value(expr), format!("\"{expected}\""), "{expr}");
    let date = |pattern: &str, time: &str| format!("formatdate(\"{pattern}\", \"{time}\")");
    text(&date("YYYY-MM-DD'T'hh:mm:ssZ", "2020-02-03T04:05:06Z"), "2020-02-03T04:05:06Z");
    text(&date("EEE, D MMM YY HH:mm AA ZZZZZ", "2020-02-03T14:05:06+02:00"), "Mon, 3 Feb 20 02:05 PM +02:00");
    text(&date("H aa 'it''s' M h m s ZZZ", "2020-02-03T00:05:06Z"), "12 am it's 2 0 5 6 UTC");
    text(&date("hh Z ZZZ ZZZZ", "2020-02-03T23:59:59.999-05:30"), "23 -05:30 -0530 -0530");
    text(&date("EEEE MMMM", "1969-12-31T12:00:00Z"), "Wednesday December");
    text(&date("é''YYMMDD", "0000-02-29T00:00:00Z"), "é'000229");
    for (pattern, time) in [
        ("YYYY", "2021-02-29T00:00:00Z"),
        ("YYYY", "2020-02-03 00:00:00Z"),
        ("YYYY", "2020-02-03T00:00:00"),
        ("YYY", "2020-02-03T00:00:00Z"),
        ("'x", "2020-02-03T00:00:00Z"),
    ] {
        assert_eq!(value(&format!("can({})", date(pattern, time))), "false", "{pattern} {time}");
    }
    text("formattimestamp(\"X\", \"2020-01-01T00:00:00Z\")", "1577836800");
    text("formattimestamp(\"YYYY-MM-DD\", -1)", "1969-12-31");
    text("timeadd(\"2020-01-31T00:00:00.6Z\", \"500ms\")", "2020-01-31T00:00:01Z");
    text("timeadd(\"2020-03-01T00:00:00+01:00\", \"-24h\")", "2020-02-29T00:00:00+01:00");
    all(&[
        ("unixtimestampparse(1609459200).iso_year", "2020"),
        ("unixtimestampparse(1700000000).iso_week", "46"),
        ("unixtimestampparse(-86400).year_day", "365"),
        ("can(timeadd(\"2020-01-31T00:00:00Z\", \"1d\"))", "false"),
        ("can(unixtimestampparse(1e30))", "false"),
        ("cidrhost(\"10.12.127.0/20\", 268)", "\"10.12.113.12\""),
        ("cidrhost(\"10.0.0.0/24\", -2)", "\"10.0.0.254\""),
        ("can(cidrhost(\"10.0.0.0/24\", 256))", "false"),
        ("cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\""),
        ("cidrsubnet(\"fd00:fd12:3456:7890::/56\", 16, 162)", "\"fd00:fd12:3456:7800:a200::/72\""),
        ("can(cidrsubnet(\"10.1.2.0/24\", 4, 16))", "false"),
        ("cidrsubnets(\"10.1.0.0/16\", 8, 4)", "[\"10.1.0.0/24\",\"10.1.16.0/20\"]"),
        ("can(cidrsubnets(\"10.0.0.0/30\", 1, 1, 1))", "false"),
        ("uuidv5(\"dns\", \"example.com\")", "\"cfbff0d1-9375-5685-968c-48ce8b15ae17\""),
        ("can(uuidv5(\"x\", \"y\"))", "false"),
        ("log(8, 2)", "3"),
        ("parseint(\"zZ\", 62)", "2231"),
        ("parseint(\"-ff\", 16)", "-255"),
        ("can(parseint(\"9\", 8))", "false"),
    ]);
}

#[test]
fn work_is_bounded() {
    let doubled = "setproduct(range(1000), range(1000), range(1000))";
    assert!(value(doubled).contains("combinations"));
    let nested = (0..6).fold("1".to_owned(), |inner, n| format!("[for x{n} in range(1000) : {inner}]"));
    assert!(value(&nested).starts_with("limit: the file takes more steps"));
    assert!(value("format(\"%9999999999s\", \"a\")").contains("too long"));
    let replaced = format!("replace(\"{0}\", \"a\", \"{0}\")", "a".repeat(10_000));
    assert!(value(&replaced).contains("too long"));
}

#[test]
fn functions_do_not_see_the_names_of_their_caller() {
    let text = "f = inner\ng = [for inner in [1] : f()]\n";
    let mut sources = Sources::default();
    let file = sources.add("x.hcl".into(), text.into()).unwrap();
    let body = parse_body(text, file).unwrap();
    let mut evaluator = Evaluator::default();
    let function = Function { parameters: Vec::new(), variadic: None, result: &body.attributes[0].value };
    evaluator.functions.insert("f".to_owned(), Rc::new(function));
    assert!(evaluator.value(&body.attributes[1].value).is_err());
}
