// One INVITE and what grows from it: early dialogs, the confirmed dialog, offers within it, its end. One
// file per concept: uac_invite, redirect, uas_invite, prack, offers, reinvite, update, glare, refresh,
// cancel, bye, replaced.
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
#include "sip/session/redirection.h"
#include "sip/session/repeater.h"
#include "sip/session/session_timer.h"
#include "sip/stack_core.h"

namespace sidetone::sip {

class InviteSession : public std::enable_shared_from_this<InviteSession> {
 public:
  InviteSession(StackCore& core, SessionId id, AccountPtr account);

  // --- commands; see Stack
  struct CallWishes {
    bool own_hop = false;  // the next hop is this call's own, not its account's server
    bool prack_by_user = false;
  };
  void call(Message invite, NextHop hop, CallWishes wishes, Time now);
  Expected<void> ack(std::string_view sdp, Time now);
  Expected<void> provisional(Provisional response, Time now);
  Expected<void> accept(std::string sdp, std::vector<ExtraHeader> headers, Time now);
  Expected<void> reject(const Response& response, Time now);
  Expected<void> prack(BranchId branch, std::string_view sdp, Time now);
  Expected<void> offer(BranchId branch, std::string_view sdp, Time now);
  Expected<void> offer_unacknowledged(std::string_view sdp, Time now);
  void set_offer_headers(std::vector<ExtraHeader> headers) { offer_headers_ = std::move(headers); }
  Expected<void> repeat_offer(Time now);
  Expected<void> answer_offer(BranchId branch, std::string_view sdp, Time now);
  Expected<void> refuse_offer(BranchId branch, const Response& response, Time now);
  Expected<void> end(std::vector<ExtraHeader> headers, Time now);

  // --- inputs
  void on_first_invite(ServerTransactionId server, const Flow& flow, MessagePtr request, std::string sdp,
                       SessionId replaces, SessionId join, Time now);
  void on_cancel(ServerTransactionId server, MessagePtr cancel, Time now);
  void on_request(ServerTransactionId server, const Flow& flow, MessagePtr request, Time now);
  void on_ack(const Message& ack, Time now);
  void on_server_failed(ServerTransactionId server, Time now);
  // Whether responses to this INVITE still matter here; if not, its client deals with them alone.
  [[nodiscard]] bool awaits(const InviteClient& client) const;
  void on_invite_response(const Outcome& outcome, Time now);
  void on_reinvite_response(const Outcome& outcome, Time now);

  // A request of ours inside the dialog failed: the call may be over (RFC 5057 §5).
  void on_request_failed(Method method, const Outcome& outcome, Time now);
  // Our address changed; the peer learns of it by the next target refresh.
  void move(SocketId socket, const IpAddress& ip);
  // Another session has taken this one's place (RFC 3891 §3).
  void be_replaced(Time now);

  // --- facts
  // 0: it may be replaced; else what the new INVITE gets (RFC 3891 §3).
  [[nodiscard]] int refusal_to_replace(bool early_only) const;
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
    SessionId replaces;
    std::optional<Message> last_provisional;  // repeated each minute (§13.3.1.1)
    Timer minute, unanswered;
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
  // Our re-INVITE and what reliable responses to it have brought (RFC 6337 patterns 3 and 4).
  struct OurReinvite {
    std::optional<std::uint32_t> rseq;
    std::string answer;
    MessagePtr unpracked;  // holds an offer that ack() answers
    bool settled = false;
    bool ack_by_user = false;  // the 2xx waits for ack(), although the offer was ours
  };
  // One of our dialogs with its offers: the confirmed one, the callee's own, or one branch of a fork. Not to
  // be kept.
  struct Place {
    std::shared_ptr<Dialog> dialog;
    OfferState* offers = nullptr;
    BranchId branch;
    explicit operator bool() const { return offers != nullptr; }
  };
  struct OwnAddress {
    SocketId socket;
    IpAddress ip;
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
  EarlyDialog* early_dialog(const Outcome& outcome, Time now);
  void watch_progress(Time now);
  void forget_early_dialogs(Time now);
  void send_again(Message invite, NextHop hop, Time now);
  // redirect.cpp: false when no place is left to go to.
  [[nodiscard]] std::optional<NextHop> hop_to(const RedirectStep& step) const;
  std::optional<std::pair<RedirectStep, NextHop>> next_place();
  bool redirect(const Outcome& outcome, Time now);
  // uas_invite.cpp
  Message answer_to_invite(const Message& request, int status, std::string_view reason);
  void limit_ringing(Time now);
  void repeat_each_minute(Time now);
  void send_accept(PendingAccept accept, Time now);
  void accept_when_possible(Time now);
  void await_ack(ServerTransactionId server, std::uint32_t cseq, bool first, bool holds_offer, Time now);
  void on_no_ack(Time now);
  // prack.cpp
  void send_prack(const std::shared_ptr<Dialog>& dialog, const Message& response, std::string_view sdp,
                  bool is_offer, Time now);
  void send_reliable(Message response, bool has_sdp, Time now);
  void send_next_reliable(Time now);
  void on_prack(ServerTransactionId server, const MessagePtr& request, const std::shared_ptr<Dialog>& dialog,
                Time now);
  // offers.cpp
  Place place(BranchId branch);
  Place place_of(const std::shared_ptr<Dialog>& dialog);
  void raise_offer(ServerTransactionId server, const MessagePtr& request, std::string sdp, const Place& at);
  void drop_offer(OfferState& offers, int status, Time now);
  void drop_offers(Time now);
  // reinvite.cpp, update.cpp, glare.cpp, refresh.cpp
  Expected<void> offer_by_reinvite(std::string_view sdp, Time now);
  void on_reinvite_provisional(const Message& message, MessagePtr shared, Time now);
  void send_reinvite_again(Time now);
  void on_reinvite(ServerTransactionId server, const MessagePtr& request, const Place& at, Time now);
  Expected<void> offer_by_update(const Place& at, std::string_view sdp, Time now);
  void on_update_response(const std::shared_ptr<Dialog>& dialog, const Outcome& outcome, Time now);
  void on_update(ServerTransactionId server, const MessagePtr& request, const Place& at, Time now);
  [[nodiscard]] bool our_offer_is_open(const OfferState& offers) const;
  [[nodiscard]] bool their_offer_is_open(const OfferState& offers) const;
  bool refuse_conflict(ServerTransactionId server, const Message& request, const OfferState& offers,
                       Time now);
  bool refuse_short_interval(ServerTransactionId server, const Message& request, Time now);
  void back_off(BranchId branch, Time now);
  void refresh(Time now);
  void on_refresh_response(const Outcome& outcome, Time now);
  void expire(Time now);
  void end_with_stray_bye(EndCause cause, int status, std::string text, MessagePtr message,
                          std::vector<ExtraHeader> headers, Time now);
  // cancel.cpp, bye.cpp
  void on_bye(ServerTransactionId server, const MessagePtr& request, Time now);
  void send_bye(const std::vector<ExtraHeader>& headers, EndCause cause, Time now);
  void finish(EndCause cause, int status, std::string text, MessagePtr message, Time now);

  void confirm(std::shared_ptr<Dialog> dialog, Time now);
  void index(const std::shared_ptr<Dialog>& dialog, Time now);
  void refresh_target(const std::shared_ptr<Dialog>& dialog, const Message& message, Time now);
  void unindex(const std::string& key);
  void note_peer(const Message& message);  // what it allows
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
  OurReinvite reinvite_;
  std::vector<ExtraHeader> offer_headers_;  // of our re-INVITEs
  CallWishes wishes_;
  NextHop hop_;                      // of our first INVITE
  std::optional<OwnAddress> moved_;  // since then
  Redirection redirection_;
  Timer progress_;

  OfferState offers_;  // of dialog_
  BranchId branch_;    // ... which was this one while it was early
  std::string local_sdp_;
  bool peer_allows_update_ = false;
  SessionTimer timer_;
  bool refresh_runs_ = false;

  FirstInvite first_;
  std::string local_tag_;
  ReliableProvisional reliable_;
  std::deque<std::pair<Message, bool>> reliable_waiting_;  // with "has SDP"
  std::optional<PendingAccept> pending_accept_;

  std::map<std::uint32_t, Unacknowledged> unacknowledged_;  // our 2xx by CSeq
  Timer glare_;
  std::optional<std::vector<ExtraHeader>> end_after_ack_;
  EndCause end_cause_ = EndCause::bye_sent;      // once our BYE is answered
  EndCause cancel_cause_ = EndCause::cancelled;  // once our CANCEL has its effect
};

[[nodiscard]] std::string sdp_of(const Message& message);
// Status and words of the first Reason header (RFC 3326); 0 and "" when there is none.
[[nodiscard]] std::pair<int, std::string> reason_of(const Message& message);
[[nodiscard]] tl::unexpected<Error> wrong_state(std::string text);
[[nodiscard]] std::string_view to_string(EndCause cause);

}  // namespace sidetone::sip
