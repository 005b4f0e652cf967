// What transport and transactions ask before a request costs them anything.
#pragma once

#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "sip/message/message.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

class RequestGate {
 public:
  virtual ~RequestGate() = default;
  // Before the bytes are read or traced. False: they are dropped, nothing is answered.
  [[nodiscard]] virtual bool lets_read(const Flow& flow, std::string_view bytes, Time now) = 0;
  // Whether the trace shows a message: what was read last, or what leaves now.
  [[nodiscard]] virtual bool lets_trace(SipDirection direction, const Flow& flow,
                                        std::string_view bytes) const = 0;
  // Before state is made. 0: it goes on; else the status of an answer that leaves no state. An ACK that gets
  // a status is dropped.
  [[nodiscard]] virtual int judge(const Flow& flow, const Message& request, Time now) = 0;
  // Of a dialog that lives: such a request has its place even when others are refused for want of it.
  [[nodiscard]] virtual bool is_in_dialog(const Message& request) const = 0;
  // Whether a connection from there is one of ours to serve, not a stranger's.
  [[nodiscard]] virtual bool welcomes(const IpAddress& source, Transport transport) const = 0;
};

}  // namespace sidetone::sip
