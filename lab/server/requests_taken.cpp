// Which flow a request gets, and which requests get none.
#include <fmt/format.h>

#include "labserver/control.h"
#include "labserver/flows/flows.h"

namespace sidetone::lab {

using tlib::ErrorCode;
using tlib::RequestName;

void Control::refuse(const tlib::Request& request, ErrorCode code, std::string text, Time now) {
  events_.error(request, code, 0, std::move(text), now);
}

bool Control::refuse_unknown(const tlib::Request& request, const std::string& dn, Time now) {
  if (board_.route(dn)) return false;
  if (!registrar_.knows(dn)) {
    refuse(request, ErrorCode::unknown_dn, fmt::format("there is no DN {}", dn), now);
    return true;
  }
  if (registrar_.lookup(dn, now).empty()) {
    refuse(request, ErrorCode::dn_out_of_service, fmt::format("no phone is registered as {}", dn), now);
    return true;
  }
  return false;
}

void Control::request(const tlib::Request& request, Time now) {
  if (const auto good = tlib::check(request); !good)
    return refuse(request, ErrorCode::bad_request, good.error().text, now);
  if (refuse_unknown(request, request.this_dn, now)) return;
  if (!request.destination.empty() && refuse_unknown(request, request.destination, now)) return;
  switch (request.name) {
    case RequestName::make_call: return make_call(request, now);
    default: return refuse(request, ErrorCode::not_supported, "not yet", now);
  }
}

void Control::make_call(const tlib::Request& request, Time now) {
  if (request.this_dn == request.destination)
    return refuse(request, ErrorCode::bad_request, "a DN cannot call itself", now);
  start(request, make_call_reinvite, now);
}

}  // namespace sidetone::lab
