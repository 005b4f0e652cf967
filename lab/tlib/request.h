// What a client asks of the contact centre's server, in T-Library's words: the phone is somebody else's, the
// call is the server's. Values only.
//
//   server.request({.name = tlib::RequestName::make_call, .this_dn = "7001", .destination = "7002"}, now);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone::lab::tlib {

enum class RequestName : std::uint8_t {
  make_call,     // destination
  answer_call,   // NOTIFY talk
  release_call,  // this party leaves; a call of two ends
  hold_call,
  retrieve_call,
  single_step_transfer,  // destination
  initiate_transfer,     // destination; holds, then calls
  complete_transfer,     // other_conn_id: the consult call (or the only one there is)
  initiate_conference,   // destination
  complete_conference,   // other_conn_id, as above
  reconnect_call,        // conn_id: the consult call, which is released; the held one is retrieved
  alternate_call,        // between the active call and the held one
  send_dtmf,             // digits; NOTIFY dtmf
  redirect_call,         // destination; of a call that rings at this_dn
  clear_call,            // all parties
};

struct Request {
  RequestName name = RequestName::make_call;
  std::uint64_t reference_id = 0;  // the client's; events that it causes repeat it
  std::string this_dn;
  // Empty: the only call of this_dn that the request can mean.
  std::string conn_id, other_conn_id;
  std::string destination;
  std::string digits;
};

// "MakeCall", "SingleStepTransfer" ...
[[nodiscard]] std::string_view name_of(RequestName name);
// As above, in any case, with a leading T or Request or not, also with hyphens: "make-call", "TMakeCall".
[[nodiscard]] std::optional<RequestName> request_named(std::string_view text);

// What it lacks or has too much of, before any state is looked at. A DN and a destination are user parts:
// 1 to 64 characters; digits: 1 to 40 of 0-9 * # A-D.
[[nodiscard]] Expected<void> check(const Request& request);

}  // namespace sidetone::lab::tlib
