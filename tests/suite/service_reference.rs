//! The program that writes `data/service-reference.txt`, on a package of two services.

use std::path::PathBuf;

use serde_json::json;

use crate::service_table::table;

/// A package with these additions, in a folder of its own.
struct Package(PathBuf);

impl Package {
    fn new(additions: &str) -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("iamc-reference-{}-{number}", std::process::id()));
        let package = Self(folder);
        let manifest = json!({ "name": "data", "version": "1.2.3", "updatedAt": "2026-01-02T03:04:05Z" });
        package.write("package.json", &manifest.to_string());
        package.write("data/services.json", r#"["b", "a"]"#);
        package.write("data/serviceNames.json", r#"{ "a": "Service A", "b": "Service B" }"#);
        package.write("data/rcpSupportedServices.json", r#"["a", "s3"]"#);
        for kind in ["actions", "resourceTypes", "conditionKeys"] {
            package.write(&format!("data/{kind}/b.json"), "{}");
        }
        let action = |name: &str, level: &str, resources: serde_json::Value, keys: serde_json::Value| json!({ "name": name, "accessLevel": level, "resourceTypes": resources, "conditionKeys": keys });
        let actions = json!({
            "put": action("Put", "Permissions management, Write", json!([
                { "name": "two", "required": true, "conditionKeys": ["a:Size"] }, { "name": "One", "required": false }
            ]), json!(["aws:RequestTag/${TagKey}"])),
            "get": action("Get", "Read", json!([]), json!([])),
        });
        package.write("data/actions/a.json", &actions.to_string());
        let resources = json!({
            "two": { "key": "two", "arn": "arn:${Partition}:other:::two/${Id}", "conditionKeys": ["a:Size"] },
            "one": { "key": "One", "arn": "arn:${Partition}:a:${Region}:${Account}:one/${Id}" },
        });
        package.write("data/resourceTypes/a.json", &resources.to_string());
        let keys = json!({
            "a:tag/<key>": { "key": "a:Tag/<key>", "type": "String" },
            "a:size": { "key": "a:Size", "type": "Numeric" },
            "aws": { "key": "aws:RequestTag/", "type": "String" },
        });
        package.write("data/conditionKeys/a.json", &keys.to_string().replace("RequestTag/", "RequestTag/${TagKey}"));
        let script =
            "{\n  key: 'aws:PrincipalTag/tag-key',\n  type: 'String',\n},\n{\n  key: 'aws:A',\n  type: 'Bool',\n}";
        package.write("dist/esm/globalConditionKeys.js", script);
        package.write("additions.tsv", additions);
        package
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn table(&self) -> Result<String, String> {
        table(&self.0, &self.0.join("additions.tsv")).map_err(|error| error.to_string())
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_package_becomes_one_text() {
    let additions = "# why\nservice\told\tService Old\naction\tb:Hidden\nkey\taws:Late\tDate\nkey\told:K\tString\n";
    let blocks = [
        "\tGlobal condition keys\t\n\n\naws:A\tBool\naws:Late\tDate\naws:PrincipalTag/${TagKey}\tString\n\n",
        "a\tService A\trcp\nGet\tR\nPut\tP\t0,1*\t0,2\n\nOne\t~one/${Id}\ntwo\tarn:${Partition}:other:::two/${Id}\t0\n\n\
         a:Size\tNumeric\na:Tag/${key}\tString\naws:RequestTag/${TagKey}\tString\n\n",
        "b\tService B\t\nHidden\t?\n\n\n\n",
        "old\tService Old\t\n\n\nold:K\tString\n\n",
    ];
    let starts = (0..4).map(|count| blocks[..count].concat().len());
    let index = ["", "a", "b", "old"].iter().zip(starts).map(|(prefix, start)| format!("{prefix}\t{start}\n"));
    let index = index.collect::<String>();
    let expected =
        format!("iamc service reference 1\t2026-01-02\tdata 1.2.3\t{}\n{index}{}", index.len(), blocks.concat());
    assert_eq!(Package::new(additions).table().unwrap(), expected);
}

#[test]
fn what_does_not_fit_is_refused() {
    for (additions, message) in [
        ("action\ta:Get\n", "a:Get is in the package by now"),
        ("service\ta\tService A\n", "a is in the package by now"),
        ("action\tzzz:Get\n", "malformed addition: action\tzzz:Get"),
        ("color\tred\n", "malformed addition: color\tred"),
    ] {
        assert_eq!(Package::new(additions).table().unwrap_err(), message);
    }
    let package = Package::new("");
    package.write("data/actions/b.json", r#"{ "x": { "name": "X", "accessLevel": "Odd", "resourceTypes": [] } }"#);
    assert_eq!(package.table().unwrap_err(), "b:X has the unknown level Odd");
}
