#include <fmt/format.h>

#include "tlib/request.h"

namespace sidetone::lab::tlib {
namespace {

constexpr std::size_t dn_size_max = 64;       // far beyond any numbering plan
constexpr std::size_t conn_id_size_max = 32;  // ours have 16
constexpr std::size_t digits_max = 40;        // as one SendDtmf of the endpoint

bool wants_destination(RequestName name) {
  switch (name) {
    case RequestName::make_call:
    case RequestName::single_step_transfer:
    case RequestName::initiate_transfer:
    case RequestName::initiate_conference:
    case RequestName::redirect_call: return true;
    default: return false;
  }
}

Expected<void> wrong(const Request& request, std::string_view field, std::string_view what) {
  return fail(Layer::lab, Fault::syntax, fmt::format("{}: {} {}", name_of(request.name), field, what), {});
}

// What stands in the user part of a SIP URI without being escaped (RFC 3261 §25.1), ';' and '?' left out.
bool is_dn(std::string_view text) {
  return !text.empty() && text.size() <= dn_size_max &&
         text.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.!~*'()&=+$,/") ==
             std::string_view::npos;
}

Expected<void> check_conn_id(const Request& request, std::string_view field, std::string_view text) {
  if (text.size() <= conn_id_size_max && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos)
    return {};
  return wrong(request, field, "is no connection id");
}

}  // namespace

Expected<void> check(const Request& request) {
  if (!is_dn(request.this_dn)) return wrong(request, "this_dn", "is no DN of 1 to 64 characters");
  if (auto good = check_conn_id(request, "conn_id", request.conn_id); !good) return good;
  if (auto good = check_conn_id(request, "other_conn_id", request.other_conn_id); !good) return good;
  if (wants_destination(request.name)) {
    if (!is_dn(request.destination)) return wrong(request, "destination", "is no DN of 1 to 64 characters");
  } else if (!request.destination.empty()) {
    return wrong(request, "destination", "has no meaning here");
  }
  if (request.name != RequestName::send_dtmf)
    return request.digits.empty() ? Expected<void>{} : wrong(request, "digits", "has no meaning here");
  if (request.digits.empty() || request.digits.size() > digits_max ||
      request.digits.find_first_not_of("0123456789*#ABCDabcd") != std::string::npos)
    return wrong(request, "digits", "must be 1 to 40 of 0-9 * # A-D");
  return {};
}

}  // namespace sidetone::lab::tlib
