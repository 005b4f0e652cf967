#include "sip/transaction/hop_requests.h"

#include <fmt/format.h>

#include "sip/message/headers.h"
#include "sip/message/parser.h"

namespace sidetone::sip::transaction {
namespace {

// Both copy Request-URI, the one Via, Route, From, Call-ID and the CSeq number; `to` differs.
Bytes make(const Message& invite, Method method, std::string_view to, std::string_view reason = {}) {
  const auto cseq = CSeq::parse(invite.value(HeaderId::cseq));
  if (!cseq) return nullptr;
  Message request = Message::request(method, invite.request_uri());
  request.add(HeaderId::via, invite.value(HeaderId::via));
  for (const auto route : invite.values(HeaderId::route)) request.add(HeaderId::route, route);
  request.set(HeaderId::max_forwards, "70");
  request.set(HeaderId::from, invite.value(HeaderId::from));
  request.set(HeaderId::to, to);
  request.set(HeaderId::call_id, invite.value(HeaderId::call_id));
  request.set(HeaderId::cseq, fmt::format("{} {}", cseq->number, to_string(method)));
  if (!reason.empty()) request.add(HeaderId::reason, reason);
  return std::make_shared<const std::string>(request.to_bytes());
}

}  // namespace

Bytes make_ack(const std::string& invite, const Message& response) {
  const auto message = parse_message(invite);
  return message ? make(*message, Method::ack, response.value(HeaderId::to)) : nullptr;
}

Bytes make_cancel(const std::string& invite, std::string_view reason) {
  const auto message = parse_message(invite);
  return message ? make(*message, Method::cancel, message->value(HeaderId::to), reason) : nullptr;
}

}  // namespace sidetone::sip::transaction
