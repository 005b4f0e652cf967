// The SDK's values as JSON and back. The same nouns as in the headers, enums as their names, ids as strings
// that carry the engine's start id ("c-<engine>-<n>"), so that one from an earlier run finds nothing.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "sidetone/commands.h"
#include "sidetone/events.h"
#include "sidetone/snapshot.h"

namespace sidetone::connector {

[[nodiscard]] std::string call_id_text(std::string_view engine, CallId call);
// Fault::not_found for an id of another engine run, Fault::syntax for anything else.
[[nodiscard]] Expected<CallId> parse_call_id(std::string_view engine, std::string_view text);

[[nodiscard]] boost::json::object to_json(const Event& event, std::string_view engine);
[[nodiscard]] boost::json::object to_json(const Snapshot& snapshot, std::string_view engine);
[[nodiscard]] boost::json::object to_json(const CallStatistics& statistics);
// Times in UTC, "2026-11-28T17:05:01.250Z".
[[nodiscard]] boost::json::object to_json(const CallRecord& record, std::string_view engine);

// One JSON object of bounded size and depth.
[[nodiscard]] Expected<boost::json::object> parse_object(std::string_view text);

// A question and not a command: {"command": "statistics", "call": ...}. Nothing: it is something else.
[[nodiscard]] std::optional<Expected<CallId>> statistics_asked(std::string_view text, std::string_view engine,
                                                               CallId only_call);

// {"command": "dial", "target": "7002"}, {"command": "answer", "call": "c-..."} ... The call may be left out
// where `only_call` (the one that is alive, if there is exactly one) makes clear which is meant.
[[nodiscard]] Expected<Command> command_from_json(std::string_view text, std::string_view engine,
                                                  CallId only_call);

}  // namespace sidetone::connector
