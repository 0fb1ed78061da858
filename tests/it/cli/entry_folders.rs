//! Files that start builds and are started from another folder than their own.

use super::Folder;

/// The builds of `dlint size --all`: what they are called, their Dockerfiles and bytes.
fn builds(folder: &Folder, args: &[&str]) -> Vec<String> {
    let sizes = folder.run(&[&["size", "--all", "--format", "json"], args].concat()).json();
    let of = |row: &serde_json::Value| {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        let bytes = row["image"]["bytes"].as_u64().map_or("-".to_owned(), |bytes| bytes.to_string());
        format!("{} {} {bytes}", text("name"), text("dockerfile"))
    };
    let mut found: Vec<String> = sizes["targets"].as_array().unwrap().iter().map(of).collect();
    found.sort();
    found
}

#[test]
fn a_bake_file_of_a_folder_below_is_started_where_its_paths_are() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path(".git")).unwrap();
    for (name, bytes) in [("größe/data", 7), ("größe/app/data", 11)] {
        folder.write(name, "x".repeat(bytes));
    }
    folder.write("größe/D", "FROM scratch\nCOPY data /\n");
    folder.write("größe/app/Dockerfile", "FROM scratch\nCOPY data /\n");
    let bake = "target \"default\" { dockerfile = \"D\" }\ntarget \"app\" { context = \"app\" }\n";
    folder.write("größe/build/docker-bake.hcl", bake);
    let want = ["app größe/app/Dockerfile 11", "default größe/D 7"];
    assert_eq!(builds(&folder, &[]), want);
    assert_eq!(builds(&folder, &["größe/build"]), want);
    assert_eq!(builds(&folder, &["größe/build/docker-bake.hcl"]), want);
    // What more of it is there for counts, and its own folder where that is the same.
    folder.write("größe/build/D", "FROM scratch\n");
    assert_eq!(builds(&folder, &["größe/build"]), want);
    folder.write("größe/build/docker-bake.hcl", "target \"default\" { dockerfile = \"D\" }\n");
    assert_eq!(builds(&folder, &["größe/build"]), ["default größe/build/D 0"]);
    // Nothing above the repository is looked at.
    std::fs::create_dir(folder.path("größe/build/.git")).unwrap();
    std::fs::remove_file(folder.path("größe/build/D")).unwrap();
    assert_eq!(builds(&folder, &["größe/build"]), ["default - -"]);
}
