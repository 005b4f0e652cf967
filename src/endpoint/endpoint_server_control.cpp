// Third-party call control by NOTIFY: the order is answered at once and then carried out, as the user's own
// command would be. Whose NOTIFY comes up here the stack's guard decides: the servers of the line, and the
// way that the dialog has.
#include <fmt/format.h>

#include "endpoint/endpoint_core.h"
#include "endpoint/server_order.h"
#include "sip/message/headers.h"
#include "sip/subscription/event_name.h"

namespace sidetone::endpoint {

// Subscription-State is not looked at: nobody has subscribed, and peers are known to leave it out.
void EndpointCore::on_notify(const sip::IncomingRequest& event, Time now) {
  const auto package = sip::EventName::of(*event.request).value_or(sip::EventName{}).package;
  const auto order = server_order_of(package);
  if (!order) return static_cast<void>(stack_.respond(event.id, {.status = 489}, now));
  Call* call = find(event.session);
  const int status = answer_to(*order, call);
  static_cast<void>(stack_.respond(event.id, {.status = status}, now));
  log_.write({now, LogLevel::info, LogTag::call, call ? call->line().index : std::uint8_t{0},
              call ? call->id().value : 0, fmt::format("the server asks for {}: {}", package, status)});
  if (status == 200) obey(*order, *call, *event.request, now);
}

void EndpointCore::obey(ServerOrder order, Call& call, const sip::Message& notify, Time now) {
  switch (order) {
    case ServerOrder::talk: return talk(call, now);
    case ServerOrder::hold:
      if (!call.hold_wanted()) static_cast<void>(call.hold(true, now));
      return;
    case ServerOrder::dtmf: return send_server_digits(call, notify, now);
    case ServerOrder::beep: return call.beep();
  }
}

// The agent's own click in the desktop: as by hand, it is no automatic answer and needs no headset (the
// guide, "Auto-answer": "a manual answer is still possible").
void EndpointCore::talk(Call& call, Time now) {
  if (call.is_ringing()) {
    hold_what_the_server_does_not(call.id(), now);
    static_cast<void>(call.answer(now));
  } else if (call.hold_wanted()) {
    static_cast<void>(resume(call, now));
  } else if (call.held_by_peer()) {
    // The server's own hold is undone by its own offer. If it asks us all the same, it gets one from us, and
    // its answer counts.
    hold_others(call.id(), now);
    call.offer_anew(now);
  }
}

// A call that the server has held for this one is its own to retrieve: a hold of ours beside it would stay
// when the server's is undone, and the agent would sit in silence after "reconnect".
void EndpointCore::hold_what_the_server_does_not(CallId but, Time now) {
  for (auto& [id, call] : calls_) {
    if (id == but || !call->is_answered() || call->hold_wanted() || call->held_by_peer()) continue;
    touch(id);
    static_cast<void>(call->hold(true, now));
  }
}

void EndpointCore::send_server_digits(Call& call, const sip::Message& notify, Time now) {
  const auto type = sip::TokenParams::parse(notify.value(sip::HeaderId::content_type));
  const auto runs = server_digits(type ? type->token : std::string_view(), notify.body());
  // A call is not worth losing for a body that nobody has defined: the answer was 200, the log has the rest.
  if (runs.empty())
    log_.write({now, LogLevel::warning, LogTag::call, call.line().index, call.id().value,
                fmt::format("the server's dtmf order has no digits: {} bytes of type '{}'",
                            notify.body().size(), type ? type->token : "")});
  for (const auto& run : runs)
    if (auto sent = call.send_dtmf(run.digits, run.timing, now); !sent)
      return command_failed("dtmf", call.id(), sent.error());
}

}  // namespace sidetone::endpoint
