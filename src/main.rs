//! temp
use dlint::text::Source;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    for f in &args[3..] {
        let bytes = std::fs::read(f).unwrap_or_default();
        let Ok(s) = Source::from_bytes(f.clone(), bytes) else {
            println!("{{\"file\":{f:?},\"instructions\":[]}}");
            continue;
        };
        let file = dlint::syntax::parse(s);
        let l: Vec<String> = file
            .instructions
            .iter()
            .map(|i| format!("[{:?},{},{}]", i.keyword_text(&file), i.lines.0, i.lines.1))
            .collect();
        println!("{{\"file\":{f:?},\"instructions\":[{}]}}", l.join(","));
        if std::env::var("ERR").is_ok() {
            for e in &file.errors {
                let p = file.source.lines().position(file.text(), e.span.start);
                eprintln!(
                    "{f}:{}:{}: {:?} {} [{}]",
                    p.line,
                    p.column,
                    e.kind,
                    e.message,
                    e.span.text(file.text()).chars().take(60).collect::<String>()
                );
            }
        }
    }
}
