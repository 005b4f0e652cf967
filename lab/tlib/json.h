// Requests and events as JSON, one object each: what clients of the lab send and receive.
//
//   {"request": "MakeCall", "this_dn": "7001", "destination": "7002", "reference_id": 1}
//   {"event": "EventDialing", "this_dn": "7001", "other_dn": "7002", "conn_id": "...", ...}
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "tlib/event.h"
#include "tlib/request.h"

namespace sidetone::lab::tlib {

// Of at most 64 kB. Unknown members are an error: a misspelt one must not be silently ignored. Checked.
[[nodiscard]] Expected<Request> request_from_json(std::string_view text);
[[nodiscard]] boost::json::object to_json(const Request& request);
// `time_ms`: since the server's start. Empty members are left out.
[[nodiscard]] boost::json::object to_json(const Event& event, Time start);

}  // namespace sidetone::lab::tlib
