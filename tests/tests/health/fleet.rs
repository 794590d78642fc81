//! Many snapshots at once: more than one block, on several threads, from slices and from columns.

use housekeep::Control;
use housekeep::columns::{Cell, Column, ColumnBuilder, Need, TimeFormat, Type};
use housekeep::health::{Check, Group, Health, Measures, Metric, Numbers, Quorum, RollUp, Status};
use housekeep::time::Instant;

const ROWS: usize = 100_003;

fn now() -> Instant {
    Instant::parse("2026-02-13T03:00:00Z").unwrap()
}

fn value(name: &str) -> Check {
    Check::new(Metric::Value(name.into()))
}

fn column(ty: Type, cells: impl Iterator<Item = Cell<'static>>) -> Column {
    let mut column = ColumnBuilder::new(Need {
        name: "x".into(),
        ty: Some(ty),
        time: TimeFormat::default(),
        required: false,
        optional: true,
    });
    cells.for_each(|cell| column.push(cell).unwrap());
    column.finish().unwrap()
}

#[test]
fn blocks_threads_and_columns_change_nothing() {
    let health = Health::new()
        .check("a", value("n").warn(Numbers::above(70.0)).crit(Numbers::above(85.0)))
        .check("b", Check::new(Metric::Age("t".into())).expect(Numbers::below(50_000.0)))
        .check("c", value("n").crit(Numbers::outside(10.0, 90.0)))
        .group("g", Group::new(["a", "b", "c"]).roll_up(RollUp::Count(Quorum::new(2, 3).unwrap())));
    let screen = health.checked().unwrap().screen();
    assert_eq!(screen.metrics(), ["n", "t"]);
    let numbers: Vec<f64> =
        (0..ROWS).map(|n| if n % 13 == 0 { f64::NAN } else { (n % 101) as f64 }).collect();
    let micros: Vec<i64> = (0..ROWS)
        .map(|n| if n % 17 == 0 { i64::MIN } else { now().as_micros() - n as i64 * 1_000_000 })
        .collect();
    let slices = [Measures::Numbers(&numbers), Measures::Instants(&micros)];
    let one = screen.rows(&slices, ROWS, now(), &Control::new()).unwrap();
    for threads in [2, 3, 7] {
        let control = Control::new().threads(threads).unwrap();
        assert_eq!(screen.rows(&slices, ROWS, now(), &control).unwrap(), one);
    }
    let number = |number: &f64| if number.is_nan() { Cell::Null } else { Cell::Number(*number) };
    let instant = |at: &i64| Instant::from_micros(*at).map_or(Cell::Missing, Cell::Instant);
    let columns = [
        column(Type::Number, numbers.iter().map(number)),
        column(Type::Instant, micros.iter().map(instant)),
    ];
    let given = columns.each_ref().map(Measures::Column);
    assert_eq!(screen.rows(&given, ROWS, now(), &Control::new()).unwrap(), one);
    // By the words of the checks, a row at a time.
    for (n, status) in one.statuses().enumerate() {
        let of = |bad: bool| if bad { Status::Crit } else { Status::Ok };
        let (x, is_late) = (numbers[n], n as i64 >= 50_000);
        let unknown = Status::Unknown;
        let (a, c) = match x {
            _ if x.is_nan() => (unknown, unknown),
            _ if x > 85.0 => (Status::Crit, of(!(10.0..=90.0).contains(&x))),
            _ if x > 70.0 => (Status::Warn, Status::Ok),
            _ => (Status::Ok, of(!(10.0..=90.0).contains(&x))),
        };
        let b = if n % 17 == 0 { unknown } else { of(is_late) };
        let mut all = [a, b, c];
        all.sort();
        assert_eq!(status, all[1], "row {n}: {a:?} {b:?} {c:?}");
    }
}

#[test]
fn a_group_of_very_many_counts_them_all() {
    let names: Vec<String> = (0..600).map(|n| format!("c{n:03}")).collect();
    let check = |health: Health, (n, name): (usize, &String)| {
        health.check(name.as_str(), value("x").crit(Numbers::above(n as f64)))
    };
    let health = names.iter().enumerate().fold(Health::new(), check);
    let group = Group::new(names).roll_up(RollUp::Count(Quorum::new(300, 600).unwrap()));
    let screen = health.group("most", group).checked().unwrap().screen();
    let numbers = [299.0, 300.0, 600.0];
    let given = [Measures::Numbers(&numbers)];
    let found = screen.rows(&given, 3, now(), &Control::new()).unwrap();
    let statuses: Vec<Status> = found.statuses().collect();
    assert_eq!(statuses, [Status::Ok, Status::Crit, Status::Crit]);
}

#[test]
fn what_does_not_fit_is_refused_and_what_is_to_stop_stops() {
    let screen = Health::new().check("a", value("n").warn(Numbers::above(1.0))).screen();
    let code = |columns: &[Measures<'_>], rows| {
        screen.rows(columns, rows, now(), &Control::new()).unwrap_err().code().as_str()
    };
    assert_eq!(code(&[], 1), "rows.syntax");
    assert_eq!(code(&[Measures::Numbers(&[1.0])], 2), "rows.syntax");
    let stop = || true;
    let control = Control::new().cancel(&stop);
    let stopped = screen.rows(&[Measures::Numbers(&[1.0])], 1, now(), &control);
    assert_eq!(stopped.unwrap_err().code().as_str(), "cancelled");
}
