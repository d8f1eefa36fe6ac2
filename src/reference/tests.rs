//! A small text by hand, and every entry of the one that the program carries.

use super::*;

const SMALL: &str = "iamc service reference 1\t2026-01-02\tby hand\t15\n\t0\na\t34\nb-c\t59\n\
\tGlobal\t\n\n\naws:Tag/${Key}\tString\n\na\tService A\trcp\nGet\tR\n\n\n\nb-c\tService B\t\n\
GetIt\tR\t0,1*\t1\nGetThem\tL\nPut\tP\t1\n\none\t~one/${Id}\t0\ntwo\tarn:${Partition}:b::${Account}:two\n\n\
b-c:first\tBool\nb-c:Second\tDate\n\n";

fn small() -> Reference<'static> {
    Reference::new(SMALL).unwrap()
}

#[test]
fn entries_are_found_in_place() {
    let reference = small();
    assert_eq!(reference.date(), "2026-01-02");
    assert_eq!(reference.prefixes().collect::<Vec<_>>(), ["a", "b-c"]);
    assert!(reference.service("A").unwrap().supports_rcp);
    assert!(reference.service("").is_none() && reference.service("b").is_none() && reference.service("z").is_none());
    let service = reference.service("B-C").unwrap();
    assert_eq!((service.title, service.supports_rcp, service.has_actions()), ("Service B", false, true));
    let action = service.action("getit").unwrap();
    assert_eq!((action.name(), action.level()), ("GetIt", Level::Read));
    assert!(service.action("Get").is_none() && service.action("Putt").is_none() && service.action("").is_none());
    let types = action.resources().map(|(resource, needed)| (resource.name(), needed)).collect::<Vec<_>>();
    assert_eq!(types, [("one", false), ("two", true)]);
    let carried = |name| action.carries(service.keys.number(name).unwrap());
    assert!(carried("b-c:second") && carried("b-c:First"), "the first by the resource type");
    assert!(!service.action("GetThem").unwrap().carries(1));
    let arns = service.resources().map(Resource::arn).collect::<Vec<_>>();
    assert_eq!(arns, ["arn:${Partition}:b-c:${Region}:${Account}:one/${Id}", "arn:${Partition}:b::${Account}:two"]);
    let names = |start| service.actions(start).map(Action::name).collect::<Vec<_>>();
    assert_eq!(names("get"), ["GetIt", "GetThem"]);
    assert_eq!(names(""), ["GetIt", "GetThem", "Put"]);
    assert!(names("x").is_empty() && names("getz").is_empty());
}

#[test]
fn colons_are_put_right() {
    assert_eq!(small().with_one_colon("b-cgetit").as_deref(), Some("b-c:GetIt"));
    assert_eq!(small().with_one_colon("b-c:Get:It").as_deref(), Some("b-c:GetIt"));
    assert_eq!(small().with_one_colon("b-c;GetIt").as_deref(), Some("b-c:GetIt"));
    assert_eq!(small().with_one_colon("b-cG:etIt").as_deref(), Some("b-c:GetIt"));
    assert_eq!(small().with_one_colon("b-c:Get"), None);
    assert_eq!(small().with_one_colon("b-c::geT*").as_deref(), Some("b-c:Get*"));
    assert_eq!(small().with_one_colon("b-c.*").as_deref(), Some("b-c:*"));
    assert_eq!(small().with_one_colon("b-cXyz*"), None);
}

#[test]
fn free_parts_stand_for_any_text() {
    let keys = small().global_keys();
    assert_eq!(keys.find("AWS:tag/Colour").map(Key::kind), Some("String"));
    assert!(keys.find("aws:Tag/").is_none() && keys.find("aws:Tags/x").is_none());
    let key = Key("a.${Domain}.b:c\tString");
    assert!(key.is_named("a.x.y.B:c") && !key.is_named("a..b:d") && !key.is_named("a.b:c"));
}

#[test]
fn other_texts_are_no_references() {
    assert!(Reference::new("").is_none());
    assert!(Reference::new("iamc service reference 2\t2026-01-02\tx\t0\n").is_none());
    assert!(Reference::new("iamc service reference 1\t2026-01-02\tx\t9\n").is_none());
}

#[test]
fn every_entry_of_the_built_in_text_is_found() {
    let reference = Reference::new(TEXT).unwrap();
    let (mut actions, mut resources) = (0, 0);
    assert_eq!(reference.services().count(), 467, "456 of the package and 11 additions");
    assert!(reference.prefixes().is_sorted());
    for service in reference.services() {
        assert_eq!(reference.service(service.prefix).unwrap().title, service.title);
        for action in service.actions("") {
            assert_eq!(service.action(&action.name().to_uppercase()).unwrap().line, action.line);
            let numbers = |field: &str| field.split(',').filter(|number| !number.is_empty()).count();
            assert_eq!(action.resources().count(), numbers(lines::field(action.line, 2)), "{}", action.line);
            let carried = (0..service.keys.iter().count()).filter(|key| action.carries(*key)).count();
            assert!(numbers(lines::field(action.line, 3)) <= carried, "{}", action.line);
            actions += 1;
        }
        for resource in service.resources() {
            assert!(resource.arn().starts_with("arn:${Partition}:"), "{}", resource.arn());
            resources += 1;
        }
        for key in service.keys.iter() {
            assert!(service.keys.find(key.name()).is_some());
        }
    }
    assert_eq!((actions, resources), (22_091 + 50, 2_334), "50 actions are additions");
    assert_eq!(reference.global_keys().find("aws:principalTag/team").map(Key::kind), Some("String"));
    let put = reference.service("s3").unwrap().action("putobject").unwrap();
    assert_eq!((put.level(), reference.service("s3").unwrap().supports_rcp), (Level::Write, true));
    assert!(put.resources().any(|(resource, _)| resource.arn() == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"));
    assert!(put.carries(reference.service("s3").unwrap().keys.number("s3:x-amz-acl").unwrap()));
}

/// Every unknown key of a policy was held against each key with a free part of each service: a file with a hundred
/// thousand took half a minute. A lookup is one by the whole name and one for each of a few beginnings.
#[test]
fn keys_of_all_services_are_found_without_walking_over_them() {
    let reference = Reference::new(TEXT).unwrap();
    let all = AllKeys::of(reference);
    let most = all.families.values().map(Vec::len).max();
    assert_eq!((all.lengths.len(), most), (29, Some(14)));
    let is_found = |name: &str| reference.services().any(|service| service.keys.find(name).is_some());
    assert!(all.iter().all(|key| all.has(key.name()) && all.has(&key.name().to_uppercase())));
    for (key, (before, after)) in all.iter().filter_map(|key| Some((key, key.free_part()?))) {
        let filled = ["", "x", "x/y:", "\u{e9}"].map(|free| format!("{before}{free}{after}"));
        for name in filled.iter().map(String::as_str).chain(key.name().get(1..)) {
            assert_eq!(all.has(name), is_found(name), "{name}");
        }
    }
}
