//! The addresses of HTTP functions, from host.json and function.json as the host computes them.

use super::*;

/// What is said of one function `Report` with these additions to its trigger and to host.json.
fn report(trigger: &str, http: &str, settings: &Settings) -> Project {
    let host = HOST.replace(
        "\"extensionBundle\"",
        &format!("\"extensions\":{{\"http\":{{{http}}}}},\"extensionBundle\""),
    );
    let function = bindings(&format!("{},{RES}", REQ.replace('}', &format!("{trigger}}}"))));
    let dir = app(&host, &[("Report", &function)]);
    let project = Project::load(dir.path(), settings).unwrap();
    assert_eq!(project.problems(), []);
    // A handler under the host computes the same.
    let observed = Project::observe(dir.path(), settings);
    assert_eq!(address(&observed), address(&project));
    project
}

fn address(project: &Project) -> String {
    let (_, trigger) = project.http_functions().next().unwrap();
    format!("/{}", trigger.address)
}

#[test]
fn an_address_is_the_prefix_and_the_route_or_the_name() {
    let none = Settings::none();
    for (trigger, http, expected) in [
        ("", "", "/api/Report"),
        (r#","route":"""#, "", "/api/Report"),
        (r#","route":null"#, "", "/api/Report"),
        (r#","route":"/v1/report/""#, "", "/api/v1/report"),
        (r#","route":"items/{id:int?}""#, "", "/api/items/{id:int?}"),
        ("", r#""routePrefix":"""#, "/Report"),
        ("", r#""routePrefix":null"#, "/Report"),
        ("", r#""routePrefix":"/bot/v1/""#, "/bot/v1/Report"),
        (r#","route":"{*rest}""#, r#""routePrefix":"""#, "/{*rest}"),
        (
            r#","route":"r/{id}""#,
            r#""routePrefix":"{tenant}""#,
            "/{tenant}/r/{id}",
        ),
    ] {
        assert_eq!(
            address(&report(trigger, http, &none)),
            expected,
            "{trigger} {http}"
        );
    }
    let settings = Settings::none().with("AzureFunctionsJobHost__extensions__http__routePrefix", "x");
    assert_eq!(
        address(&report("", r#""routePrefix":"y""#, &settings)),
        "/x/Report"
    );
}

#[test]
fn a_function_says_who_may_call_it_how_and_where() {
    let project = report(
        r#","authLevel":"anonymous","methods":["get","post"],"route":"items/{id:int:min(5)}/{*rest}""#,
        "",
        &Settings::none(),
    );
    let Some(Trigger::Http(trigger)) = project.function("REPORT").map(|function| &function.trigger) else {
        panic!()
    };
    assert_eq!(trigger.auth_level, AuthLevel::Anonymous);
    assert!(trigger.accepts(&http::Method::POST) && !trigger.accepts(&http::Method::PUT));
    let parameters: Vec<_> = trigger
        .address
        .parameters()
        .map(|parameter| {
            (
                parameter.name.as_str(),
                parameter.constraints.join(" "),
                parameter.extent,
            )
        })
        .collect();
    assert_eq!(
        parameters,
        [
            ("id", "int min(5)".to_owned(), ParameterExtent::Required),
            ("rest", String::new(), ParameterExtent::CatchAll)
        ]
    );
    let link = trigger.link(
        "https://contoso.test/",
        &[("id", "7"), ("rest", "a/b"), ("q", "1")],
    );
    assert_eq!(link.as_deref(), Ok("https://contoso.test/api/items/7/a/b?q=1"));
    assert!(trigger.link("https://contoso.test", &[("id", "4")]).is_err());
}

#[test]
fn requests_find_their_function_in_any_case_and_with_slashes_at_the_end() {
    let project = report(
        r#","methods":["get"],"route":"items/{id?}""#,
        "",
        &Settings::none(),
    );
    let table = RouteTable::new(&project, |_| true);
    for path in ["/api/items", "/API/Items/", "/api/items/7", "/api/ITEMS/7/"] {
        assert!(table.find(&http::Method::GET, path).is_some(), "{path}");
    }
    for path in ["/items", "/api", "/api/items/7/8", "/apix/items"] {
        assert!(table.find(&http::Method::GET, path).is_none(), "{path}");
    }
    assert!(table.find(&http::Method::POST, "/api/items").is_none());
}
