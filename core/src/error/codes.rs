//! The one table of error codes. Hosts make their own tables from it, and a test walks it.

use super::Kind;

macro_rules! codes {
    ($($variant:ident $kind:ident $text:literal $about:literal;)*) => {
        /// Which error it is. The text form ([`Code::as_str`]) is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $about] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable text form, such as `policy.unknown_field`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// What kind of thing went wrong.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Code::$variant => Kind::$kind,)* }
            }

            /// One line about the code, for reference pages.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Code::$variant => $about,)* }
            }
        }
    };
}

codes! {
    PolicySyntax Policy "policy.syntax" "The text is not TOML, or not JSON.";
    PolicyEmpty Policy "policy.empty" "The policy has no rule.";
    PolicyUnknownField Policy "policy.unknown_field" "A key that has no meaning at this place.";
    PolicyMissingField Policy "policy.missing_field" "A key that this place needs.";
    PolicyRepeatedField Policy "policy.repeated_field" "A key given twice.";
    PolicyWrongType Policy "policy.wrong_type" "A value of another type than the key takes.";
    PolicyUnknownValue Policy "policy.unknown_value" "A word that is none of those the key takes.";
    PolicyBadValue Policy "policy.bad_value" "A text that cannot be read: a duration, a zone, a name.";
    PolicyOutOfRange Policy "policy.out_of_range" "A number outside its limits.";
    PolicyConflict Policy "policy.conflict" "Two settings that cannot both hold.";
    PolicyNeverMatches Policy "policy.never_matches" "A rule or condition that no row could ever meet.";
    PolicyProtected Policy "policy.protected" "A rule that names a table listed in `never`.";
    PolicyUnknownRule Policy "policy.unknown_rule" "A rule asked for that the policy does not have.";
    PolicyUnknownDate Policy "policy.unknown_date" "A day that a calendar is not known for.";
    PolicyNoSql Policy "policy.no_sql" "A rule that cannot be said in SQL.";
    RowsEmpty Data "rows.empty" "The input has no bytes at all.";
    RowsSyntax Data "rows.syntax" "The input is not what its format says.";
    RowsNoData Data "rows.no_data" "A JSON object without an array called `data`.";
    RowsMissingColumn Data "rows.missing_column" "The input lacks a column the rule names.";
    RowsMissingField Data "rows.missing_field" "A row lacks a field the rule names.";
    RowsRepeatedField Data "rows.repeated_field" "A column or field given twice.";
    RowsWrongType Data "rows.wrong_type" "A value of another type than its column.";
    RowsBadValue Data "rows.bad_value" "A value that cannot be read as its column's type.";
    RowsNaiveTime Data "rows.naive_time" "A time without an offset, and no `tz` in the rule.";
    RowsInfiniteTime Data "rows.infinite_time" "A time that is infinite.";
    RowsTimeOutOfRange Data "rows.time_out_of_range" "A time outside the years 0001 to 9999.";
    RowsNoTimeUnit Data "rows.no_time_unit" "An integer time, and no `time_unit` in the rule.";
    RowsNullId Data "rows.null_id" "A row without an id.";
    RowsDuplicateId Data "rows.duplicate_id" "Two rows with one id.";
    RowsNotUnicode Data "rows.not_unicode" "Bytes that are not UTF-8.";
    RowsTooLarge Data "rows.too_large" "More rows, or a longer text, than can be held.";
    MetricsSyntax Data "metrics.syntax" "The metrics are not a JSON object.";
    MetricsBadValue Data "metrics.bad_value" "A metric that is no number, instant or list of samples.";
    StateSyntax Data "state.syntax" "The text is not a state.";
    StateVersion Data "state.version" "A state of another version of the format.";
    StateNotRaised Data "state.not_raised" "A check that nobody can be on, as it is not raised.";
    StateBadMute Data "state.bad_mute" "A time to be silent in that names nothing, or ends before it begins.";
    StateBadEvent Data "state.bad_event" "An event that names no slot or task of the schedule, or tells too little.";
    StateOther Data "state.other" "The state of another schedule.";
    ReportSyntax Data "report.syntax" "The text is not a report of checks.";
    ReportVersion Data "report.version" "A report of another version of the format.";
    ReportNotOk Data "report.not_ok" "A report that does not say that what is required is ok.";
    PlanSyntax Plan "plan.syntax" "The text is not a plan.";
    PlanVersion Plan "plan.version" "A plan of another version of the format.";
    PlanAltered Plan "plan.altered" "A plan that no longer is what its digest says.";
    PlanGuard Plan "plan.guard" "The plan would drop more than its guard allows.";
    ApplyStale Apply "apply.stale_plan" "A plan that is too old, or of a rule that is another by now.";
    ApplyOther Apply "apply.other_database" "A plan or an export of another database or table.";
    ApplyNoExport Apply "apply.no_export" "Rows that no export holds as they are.";
    ApplyExportAltered Apply "apply.altered_export" "An export that no longer is what its manifest says.";
    ApplyNotConfirmed Apply "apply.not_confirmed" "What nobody has confirmed.";
    ApplyUndeclared Apply "apply.undeclared_key" "A foreign key that the policy does not declare.";
    ApplyNoTable Apply "apply.no_table" "A table or a column that the database does not have.";
    ApplyChanged Apply "apply.rows_changed" "Rows that are no longer as they were planned.";
    ApplyNotVerified Apply "apply.not_verified" "A database that is not as it has to be after rows were removed.";
    ApplyDiffers Apply "apply.rows_differ" "Rows that are there already, and are others than those to be restored.";
    ApplyReadOnly Apply "apply.read_only" "A standby, or a database that may only be read.";
    ApplyDatabase Apply "apply.database" "A statement that the server refuses.";
    ApplyConnection Apply "apply.connection" "A server that cannot be reached, or a connection that is lost.";
    ApplyDriver Apply "apply.driver" "A driver that does not do as it is asked.";
    IoRead Io "io.read" "A file or stream that cannot be read.";
    IoWrite Io "io.write" "A file or stream that cannot be written.";
    IoFormat Io "io.format" "An input whose format cannot be told, or is not supported.";
    Cancelled Cancelled "cancelled" "The caller asked to stop.";
}
