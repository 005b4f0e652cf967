// One INVITE and what grows from it: early dialogs, the confirmed dialog, offers within it, its end. One
// file per concept: uac_invite, uas_invite, prack, reinvite, update, glare, cancel, bye.
//
//   calling -> confirmed            incoming -> answered -> confirmed          any -> ending -> ended
//      \-> cancelling -> ended          \-> ended                          (ending: our BYE is on its way)
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sip/dialog/early_dialogs.h"
#include "sip/session/invite_client.h"
#include "sip/session/repeater.h"
#include "sip/stack_core.h"

namespace sidetone::sip {

class InviteSession : public std::enable_shared_from_this<InviteSession> {
 public:
  InviteSession(StackCore& core, SessionId id, AccountPtr account);

  // --- commands; see Stack
  void call(Message invite, NextHop hop, Time now);
  Expected<void> ack(std::string_view sdp, Time now);
  Expected<void> provisional(Provisional response, Time now);
  Expected<void> accept(std::string sdp, std::vector<ExtraHeader> headers, Time now);
  Expected<void> reject(const Response& response, Time now);
  Expected<void> offer(std::string_view sdp, Time now);
  Expected<void> answer_offer(std::string_view sdp, Time now);
  Expected<void> refuse_offer(const Response& response, Time now);
  Expected<void> end(std::vector<ExtraHeader> headers, Time now);

  // --- inputs
  void on_first_invite(ServerTransactionId server, const Flow& flow, MessagePtr request, std::string sdp,
                       Time now);
  void on_cancel(ServerTransactionId server, MessagePtr cancel, Time now);
  void on_request(ServerTransactionId server, const Flow& flow, MessagePtr request, Time now);
  void on_ack(const Message& ack, Time now);
  void on_server_failed(ServerTransactionId server, Time now);
  // Whether responses to this INVITE still matter here; if not, its client deals with them alone.
  [[nodiscard]] bool awaits(const InviteClient& client) const;
  void on_invite_response(const Outcome& outcome, Time now);
  void on_reinvite_response(const Outcome& outcome, Time now);

  // --- facts
  [[nodiscard]] SessionId id() const { return id_; }
  [[nodiscard]] const AccountPtr& account() const { return account_; }
  // The confirmed dialog, the callee's own one, or the only early one.
  [[nodiscard]] std::shared_ptr<Dialog> dialog() const;
  [[nodiscard]] std::shared_ptr<Dialog> dialog_of(const Message& request) const;
  [[nodiscard]] bool is_confirmed() const { return state_ == State::confirmed; }
  [[nodiscard]] bool can_send_requests() const;
  [[nodiscard]] const std::vector<std::string>& dialog_keys() const { return keys_; }

 private:
  enum class State { calling, cancelling, incoming, answered, confirmed, ending, ended };

  struct FirstInvite {  // as callee
    ServerTransactionId server;
    MessagePtr request;
    bool has_offer = false;
    bool offer_done = false;  // offer and answer are complete (reliable response and its PRACK)
  };
  struct ReliableProvisional {
    std::uint32_t rseq = 0;
    bool has_sdp = false;
    bool acknowledged = true;
    Repeater repeater;
  };
  struct PendingAccept {
    std::string sdp;
    std::vector<ExtraHeader> headers;
  };
  struct IncomingOffer {
    ServerTransactionId server;
    MessagePtr request;
    bool has_sdp = false;
    std::shared_ptr<Dialog> dialog;
  };
  struct Unacknowledged {
    ServerTransactionId server;
    bool first = false;
    bool holds_offer = false;
    Repeater repeater;
  };

  // uac_invite.cpp
  void on_provisional(const Outcome& outcome, Time now);
  void on_accepted(const Outcome& outcome, Time now);
  EarlyDialog* early_dialog(const Outcome& outcome);
  // uas_invite.cpp
  Message answer_to_invite(const Message& request, int status, std::string_view reason);
  void send_accept(PendingAccept accept, Time now);
  void accept_when_possible(Time now);
  void await_ack(ServerTransactionId server, std::uint32_t cseq, bool first, bool holds_offer, Time now);
  void on_no_ack(Time now);
  // prack.cpp
  void send_prack(const std::shared_ptr<Dialog>& dialog, const Message& response, Time now);
  void send_reliable(Message response, bool has_sdp, Time now);
  void send_next_reliable(Time now);
  void on_prack(ServerTransactionId server, const MessagePtr& request, const std::shared_ptr<Dialog>& dialog,
                Time now);
  // reinvite.cpp, update.cpp, glare.cpp
  void on_reinvite(ServerTransactionId server, const MessagePtr& request, Time now);
  void on_update(ServerTransactionId server, const MessagePtr& request, const std::shared_ptr<Dialog>& dialog,
                 Time now);
  void raise_offer(ServerTransactionId server, const MessagePtr& request, std::string sdp,
                   const std::shared_ptr<Dialog>& dialog);
  [[nodiscard]] bool our_offer_is_open() const;
  bool refuse_conflict(ServerTransactionId server, const Message& request, bool ours_pending, Time now);
  void back_off(Time now);
  // cancel.cpp, bye.cpp
  void on_bye(ServerTransactionId server, const MessagePtr& request, Time now);
  void send_bye(const std::vector<ExtraHeader>& headers, EndCause cause, Time now);
  void finish(EndCause cause, int status, std::string text, MessagePtr message, Time now);

  void confirm(std::shared_ptr<Dialog> dialog);
  void index(const std::shared_ptr<Dialog>& dialog);
  void unindex(const std::string& key);
  // A final response to a request in the dialog.
  void reply(ServerTransactionId server, const Message& request, int status, Time now,
             std::vector<ExtraHeader> headers = {});

  StackCore& core_;
  SessionId id_;
  AccountPtr account_;
  State state_ = State::calling;
  bool is_caller_ = true;  // owns the Call-ID
  std::shared_ptr<Dialog> dialog_;
  std::vector<std::string> keys_;

  EarlyDialogs early_;
  std::shared_ptr<InviteClient> client_;  // our INVITE without final response or without ACK
  bool owes_ack_ = false;                 // ... the latter: ack() brings the answer
  std::optional<std::uint32_t> reinvite_rseq_;

  FirstInvite first_;
  std::string local_tag_;
  ReliableProvisional reliable_;
  std::deque<std::pair<Message, bool>> reliable_waiting_;  // with "has SDP"
  std::optional<PendingAccept> pending_accept_;

  std::map<std::uint32_t, Unacknowledged> unacknowledged_;  // our 2xx by CSeq
  std::optional<IncomingOffer> incoming_offer_;
  Timer glare_;
  std::optional<std::vector<ExtraHeader>> end_after_ack_;
  EndCause end_cause_ = EndCause::bye_sent;
};

[[nodiscard]] std::string sdp_of(const Message& message);
// Status and words of the first Reason header (RFC 3326); 0 and "" when there is none.
[[nodiscard]] std::pair<int, std::string> reason_of(const Message& message);
[[nodiscard]] tl::unexpected<Error> wrong_state(std::string text);
[[nodiscard]] std::string_view to_string(EndCause cause);

}  // namespace sidetone::sip
