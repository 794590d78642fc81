//! Values of ours through a real server, and back.

#![cfg(test)]

use std::fs;

use housekeep::columns::Cell;
use housekeep::dedupe::Mode;
use housekeep::health::{self, Status};
use housekeep::plan::Plan;
use housekeep::policy::Policy;
use housekeep::schedule::{self, RunState};
use housekeep::time::Instant;
use housekeep_tests::corpus::root;
use housekeep_tests::database::{Database, servers};
use postgres::Client;
use postgres::types::{FromSql, ToSql};
use serde_json::Value;

fn each_server(mut test: impl FnMut(&mut Client)) {
    for server in servers() {
        let database = Database::new(&server);
        test(&mut database.connect());
    }
}

/// What comes back of a value that goes to the server as some type.
fn back<T: for<'a> FromSql<'a>>(client: &mut Client, value: &(impl ToSql + Sync), ty: &str) -> T {
    client.query_one(&format!("SELECT $1::{ty}"), &[value]).unwrap().get(0)
}

#[test]
fn instants_are_what_the_server_says() {
    each_server(|client| {
        for text in [
            "0001-01-01T00:00:00.000000Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00.000000Z",
            "1999-12-31T23:59:59.999999Z",
            "2000-01-01T00:00:00.000001Z",
            "2026-02-13T03:00:00.500000Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            let at = Instant::parse(text).unwrap();
            let said = "SELECT to_char($1::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
            assert_eq!(client.query_one(said, &[&at]).unwrap().get::<_, String>(0), text);
            assert_eq!(back::<Instant>(client, &at, "timestamptz"), at);
            assert_eq!(back::<Option<Instant>>(client, &Some(at), "timestamptz"), Some(at));
        }
        assert_eq!(back::<Option<Instant>>(client, &None::<Instant>, "timestamptz"), None);
        for (text, why) in
            [("infinity", "infinite"), ("-infinity", "infinite"), ("0001-01-01 BC", "year")]
        {
            let row = client.query_one(&format!("SELECT timestamptz '{text}'"), &[]).unwrap();
            let error = row.try_get::<_, Instant>(0).unwrap_err();
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains(why), "{text}: {source}");
        }
        let row = client.query_one("SELECT timestamp '2026-02-13'", &[]).unwrap();
        assert!(row.try_get::<_, Instant>(0).is_err(), "a time without a zone is no instant");
    });
}

/// An id is what the column is: also that of a plan that was read back, which is text.
#[test]
fn ids_are_of_the_type_they_are_compared_with() {
    const UUID: &str = "0a0b0c0d-0000-4000-8000-00000000000f";
    let plan = |rows: &str| {
        let policy = "[dedupe.a]\nkey = [\"k\"]\ntime = \"at\"\nmode = \"forever\"";
        let policy = Policy::from_toml(policy).unwrap();
        let rule = policy.rule("a").unwrap();
        let table =
            housekeep::formats::Format::Json.read(rule.needs(), &mut rows.as_bytes()).unwrap();
        let now = Instant::parse("2026-02-13T03:00:00Z").unwrap();
        let control = housekeep::Control::new();
        let detail = housekeep::plan::Detail::Drops;
        rule.plan(&table, now, housekeep::plan::Source::new(), detail, &control).unwrap()
    };
    each_server(|client| {
        for (ty, id, other) in [
            ("smallint", "7", "8"),
            ("integer", "-7", "8"),
            ("bigint", "9223372036854775806", "9223372036854775807"),
            ("text", "\"a'b\"", "\"c\""),
            ("varchar(9)", "\"a'b\"", "\"c\""),
            ("uuid", &format!("\"{UUID}\""), "\"ffffffff-0000-4000-8000-00000000000f\""),
        ] {
            let rows = format!(
                r#"[{{"id": {id}, "k": 1, "at": "2026-01-01T00:00:00Z"}},
                    {{"id": {other}, "k": 1, "at": "2026-01-01T00:01:00Z"}}]"#
            );
            let made = plan(&rows);
            let read = Plan::from_json(&made.to_json()).unwrap();
            for plan in [&made, &read] {
                let ids: Vec<Cell> = plan.drop_ids().collect();
                let sql = format!(
                    "SELECT $1::{ty}[], $1::{ty}[] = ARRAY[{}]::{ty}[]",
                    id.replace('\'', "''").replace('"', "'")
                );
                let row = client.query_one(&sql, &[&ids]).unwrap();
                let same: Vec<Cell> = row.get(0);
                assert_eq!(same[0].to_string(), id.trim_matches('"'), "{ty}");
                assert!(row.get::<_, bool>(1), "{ty}");
            }
        }
        assert_eq!(back::<Option<bool>>(client, &Cell::Boolean(true), "boolean"), Some(true));
        assert_eq!(back::<Option<bool>>(client, &Cell::Null, "boolean"), None);
        let row = client
            .query_one("SELECT NULL::uuid, true, timestamptz '2026-01-01 00:00Z'", &[])
            .unwrap();
        assert_eq!(row.get::<_, Cell>(0), Cell::Null);
        assert_eq!(row.get::<_, Cell>(1), Cell::Boolean(true));
        assert_eq!(row.get::<_, Cell>(2).to_string(), "2026-01-01T00:00:00Z");
        for (cell, ty) in [
            (Cell::Text("seven"), "bigint"),
            (Cell::Integer(70_000), "smallint"),
            (Cell::Boolean(true), "uuid"),
            (Cell::LIST, "text"),
        ] {
            assert!(
                client.query_one(&format!("SELECT $1::{ty}"), &[&cell]).is_err(),
                "{cell} as {ty}"
            );
        }
    });
}

#[test]
fn words_are_text_or_an_enum() {
    each_server(|client| {
        let words: Vec<String> =
            Status::ALL.iter().map(|word| format!("'{}'", word.as_str())).collect();
        client
            .batch_execute(&format!("CREATE TYPE status AS ENUM ({})", words.join(", ")))
            .unwrap();
        for status in Status::ALL {
            for ty in ["text", "status"] {
                assert_eq!(back::<Status>(client, status, ty), *status);
            }
            assert_eq!(back::<String>(client, status, "text"), status.as_str());
        }
        for state in RunState::ALL {
            assert_eq!(back::<RunState>(client, state, "text"), *state);
        }
        for mode in Mode::ALL {
            assert_eq!(back::<Mode>(client, mode, "varchar"), *mode);
        }
        let row = client.query_one("SELECT 'fine'", &[]).unwrap();
        let error = std::error::Error::source(&row.try_get::<_, Status>(0).unwrap_err())
            .unwrap()
            .to_string();
        assert!(error.starts_with("`fine` is none of ok, "), "{error}");
    });
}

/// Every document of the corpus and the scenarios, as `jsonb` and as `json`.
#[test]
fn documents_are_the_same_when_they_come_back() {
    let (mut plans, mut checks, mut runs) = (Vec::new(), Vec::new(), Vec::new());
    for entry in fs::read_dir(root().join("corpus/answers")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut all = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let mut start = 0;
        while let Some(Ok(document)) = all.next() {
            let own = text.get(start..all.byte_offset()).unwrap();
            start = all.byte_offset();
            match document["kind"].as_str() {
                Some("dedupe" | "retention") => plans.extend(Plan::from_json(own)),
                Some("health-state") => checks.extend(health::State::from_json(own.as_bytes())),
                Some("schedule-state") => runs.extend(schedule::State::from_json(own.as_bytes())),
                _ => {}
            }
        }
    }
    let counts = [plans.len(), checks.len(), runs.len()];
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
    each_server(|client| {
        for ty in ["json", "jsonb"] {
            for plan in &plans {
                let text = plan.to_json();
                if ty == "jsonb" && text.contains("\\u0000") {
                    assert!(client.query_one("SELECT $1::jsonb", &[plan]).is_err());
                } else {
                    assert_eq!(back::<Plan>(client, plan, ty).to_json(), text);
                }
            }
            for state in &checks {
                assert_eq!(back::<health::State>(client, state, ty).to_json(), state.to_json());
            }
            for state in &runs {
                assert_eq!(back::<schedule::State>(client, state, ty).to_json(), state.to_json());
            }
            let systems = fs::read_dir(root().join("scenarios")).unwrap();
            let folders = systems.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
            for file in folders.map(|folder| folder.join("policy.toml")) {
                let policy = Policy::from_toml(&fs::read_to_string(file).unwrap()).unwrap();
                let same: Policy = back(client, &policy, ty);
                assert_eq!(same.to_value(), policy.to_value());
                for name in policy.rules() {
                    let digest =
                        |own: &Policy| own.rule(&name).ok().map(|rule| rule.sha256().to_owned());
                    assert_eq!(digest(&same), digest(&policy), "{name}");
                }
            }
        }
        let row = client.query_one("SELECT '{\"housekeep\": 1}'::jsonb", &[]).unwrap();
        let error =
            std::error::Error::source(&row.try_get::<_, Plan>(0).unwrap_err()).unwrap().to_string();
        assert!(error.starts_with("this is not a plan"), "{error}");
    });
}
