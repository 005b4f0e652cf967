#include "endpoint/call_end.h"

#include "sip/message/reason.h"

namespace sidetone::endpoint {
namespace {

EndReason reason_of(sip::EndCause cause) {
  switch (cause) {
    case sip::EndCause::bye_received: return EndReason::hung_up_there;
    case sip::EndCause::bye_sent: return EndReason::hung_up_here;
    case sip::EndCause::cancelled_by_peer: return EndReason::cancelled_there;
    case sip::EndCause::cancelled: return EndReason::hung_up_here;
    case sip::EndCause::rejected: return EndReason::rejected_here;
    case sip::EndCause::refused: return EndReason::refused;
    case sip::EndCause::timeout: return EndReason::no_answer;
    case sip::EndCause::transport:
    case sip::EndCause::no_ack:
    case sip::EndCause::dialog_gone:
    case sip::EndCause::expired: return EndReason::network_failure;
    case sip::EndCause::replaced: return EndReason::hung_up_there;  // its caller made another call of it
  }
  return EndReason::network_failure;
}

}  // namespace

CallEnd end_of(const sip::SessionEnded& event) {
  CallEnd end{reason_of(event.cause), event.status, 0, event.text};
  if (!event.message) return end;
  const auto of_network = sip::reason_of(*event.message, "Q.850");
  if (!of_network) return end;
  end.q850_cause = of_network->cause.value_or(0);
  // A request has no status but that of its Reason, and the stack takes any when there is none of SIP.
  if (event.message->is_request() && !sip::reason_of(*event.message, "SIP")) end.status = 0;
  return end;
}

}  // namespace sidetone::endpoint
