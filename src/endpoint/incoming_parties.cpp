#include "endpoint/incoming_parties.h"

#include <algorithm>

#include "sip/message/alerting.h"
#include "sip/message/identity.h"

namespace sidetone::endpoint {
namespace {

// A tel number without its visual separators (RFC 3966 §5.1.1): what a person reads, dials and compares.
std::string number_of(const sip::Uri& uri) {
  auto number = sip::unescape(uri.user);
  if (uri.scheme == sip::Uri::Scheme::tel)
    std::erase_if(number, [](char c) { return c == '-' || c == '.' || c == '(' || c == ')'; });
  return number;
}

}  // namespace

CallParties incoming_parties(const sip::IncomingInvite& invite) {
  CallParties parties;
  parties.direction = CallDirection::incoming;
  const auto caller = sip::caller_of(*invite.request, invite.from_server);
  parties.remote_uri = caller.uri;
  parties.remote_name = caller.display;
  if (const auto uri = sip::Uri::parse(caller.uri)) parties.remote_number = number_of(*uri);
  if (const auto uri = sip::Uri::parse(invite.request->request_uri()))
    parties.called_user = sip::unescape(uri->user);
  parties.asks_for_silence = sip::asks_for_silence(*invite.request);
  if (invite.from_server) parties.answer_after = sip::answer_after(*invite.request);
  parties.call_uuid = invite.request->value(sip::HeaderId::x_genesys_calluuid);
  return parties;
}

}  // namespace sidetone::endpoint
