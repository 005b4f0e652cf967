// Nothing from outside the line's server can answer a call, open the microphone or end a call. Who may say
// what:
//
//   from a line's server, a trusted network            everything
//   from the way that a dialog has (its flow)           everything in that dialog; if that way is past the
//                                                         line's server, all but what steers a phone
//   from where the dialog's peer is (remote target,     in that dialog all but what steers a phone: REFER,
//     first route, or what their name leads to)           and NOTIFY for another event than refer
//   from anywhere        a NOTIFY that a SUBSCRIBE or REFER of ours still waits for (RFC 6665 §4.1.2.4): who
//                        was asked may answer from elsewhere, and only who has seen the request knows its ids
//   from anybody else    403; with dialog ids that are none, 481; an ACK is dropped
//
// Addresses count, not ports: servers send from other ports than they listen on. A line over TLS believes
// only TLS. RFC 3261 §26.1.3 and §26.1.4 name the threats (tearing down and changing sessions); off the path
// nobody knows the tags, so the source is the second lock, and for requests outside of dialogs the only one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "sip/dialog/dialog.h"
#include "sip/guard/allowance.h"
#include "sip/guard/guard_settings.h"
#include "sip/guard/request_gate.h"
#include "sip/guard/sources.h"

namespace sidetone::sip {

class SourceGuard final : public RequestGate {
 public:
  struct Stack {  // what the guard asks of it
    std::function<std::shared_ptr<const Dialog>(const Message&)> dialog_of;
    std::function<bool(const Message&)> awaits;  // a NOTIFY that makes a dialog which we asked for
    std::function<bool(std::string_view branch)> awaits_response;
    std::function<bool()> is_full;
  };
  SourceGuard(GuardSettings settings, Stack stack, LogSink& log);

  bool lets_read(const Flow& flow, std::string_view bytes, Time now) override;
  [[nodiscard]] bool lets_trace(SipDirection direction, const Flow& flow,
                                std::string_view bytes) const override;
  int judge(const Flow& flow, const Message& request, Time now) override;
  [[nodiscard]] bool is_in_dialog(const Message& request) const override;
  [[nodiscard]] bool welcomes(const IpAddress& source, Transport transport) const override;

  // A line's server, or as good as one.
  [[nodiscard]] bool knows(const IpAddress& source, Transport transport) const;

  [[nodiscard]] bool is_on() const { return settings_.accept_from != AcceptFrom::anyone; }

  // --- who is known; `line` is the account's number
  void set_servers(std::uint64_t line, std::vector<IpAddress> addresses, bool tls_only);
  void forget_servers(std::uint64_t line) { servers_.remove(line); }
  void add_dialog(const Dialog& dialog);
  void forget_dialog(const std::string& key) { peers_.remove(key); }

  [[nodiscard]] const GuardCounters& counters() const { return counters_; }

 private:
  enum class Reason : std::uint8_t { stranger, intruder, unknown_dialog, unread, stray };
  [[nodiscard]] bool lets_read_response(const Flow& flow, std::string_view bytes, Time now);
  int refuse(Reason reason, int status, const Flow& flow, std::string_view method, Time now);
  void note(Reason reason, const Flow& flow, std::string_view method, Time now);

  GuardSettings settings_;
  Stack stack_;
  LogSink& log_;
  Sources<std::uint64_t> servers_;
  Sources<std::string> peers_;
  Allowance strangers_;
  // Bound: a flood writes some lines at once and then one each ten seconds, whatever its rate.
  Allowance log_lines_{10, std::chrono::seconds(10)};
  std::uint64_t unlogged_ = 0;
  // Nor does the trace grow with it: ten requests of strangers with their answers, then one each ten seconds.
  Allowance traces_{10, std::chrono::seconds(10)};
  bool shows_stranger_ = true;  // the one that was read last, and so its answer
  GuardCounters counters_;
};

}  // namespace sidetone::sip
