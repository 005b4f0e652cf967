// One call as the user sees it. Keeps three things apart: intent (the user wants hold), negotiation (a
// re-INVITE is on its way, or waits after a 491), and fact (what the description in force says). Buttons set
// intent; events show fact.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "endpoint/call_end.h"
#include "endpoint/core_settings.h"
#include "endpoint/dtmf_method.h"
#include "endpoint/dtmf_sending.h"
#include "endpoint/heard_digits.h"
#include "endpoint/incoming_alert.h"
#include "endpoint/leg.h"
#include "endpoint/media_session.h"
#include "endpoint/outbox.h"
#include "endpoint/quality_watch.h"
#include "endpoint/report_facts.h"
#include "endpoint/ringback.h"
#include "sidetone/snapshot.h"

namespace sidetone::endpoint {

struct CallParties {
  CallId id;
  LineId line;
  CallDirection direction = CallDirection::incoming;
  std::string remote_uri, remote_number, remote_name, call_uuid;
  std::string called_user;
  std::optional<std::chrono::seconds> answer_after;  // incoming: the server asks for an answer by itself
  std::optional<CallId> related_call;                // that it came of, or is made for
  bool asks_for_silence = false;                     // incoming: nothing shall ring (make-call-alert-info)
};

class Call {
 public:
  // The settings are those of its beginning, whatever becomes of the configuration.
  Call(CallParties parties, std::shared_ptr<const CoreSettings> settings, MediaSettings media,
       Outbox& outbox);

  // --- life
  // Outgoing: opens media; the core sends the INVITE with first_offer() once media_ready() said so.
  // Incoming: `offer` is what the INVITE brought, maybe nothing; the leg is there from the start.
  void start(IpAddress media_ip, std::optional<std::string> offer, Time now);
  // An offer that we could never answer from `media_ip` is refused at once (400, 488), before anything rings
  // (RFC 3261 §13.3.1.3, RFC 3264 §6).
  bool accepts(const std::optional<std::string>& offer, const IpAddress& media_ip, Time now);
  void set_leg(std::unique_ptr<Leg> leg) { leg_ = std::move(leg); }
  [[nodiscard]] std::string first_offer();

  // --- intents
  Expected<void> answer(Time now);
  Expected<void> reject(int status, Time now);
  Expected<void> redirect(std::string target, Time now);
  Expected<void> hang_up(Time now, EndReason reason = EndReason::hung_up_here);
  Expected<void> hold(bool wanted, Time now);
  void mute(bool on);
  Expected<void> confer(bool on, Time now);
  Expected<void> record(std::string path);
  Expected<void> play_file(std::string path, bool loop);
  void cancel_auto_answer() { auto_answer_at_.reset(); }
  Expected<void> send_dtmf(std::string digits, Time now);
  Expected<void> send_dtmf(std::string digits, DtmfTiming timing, Time now);
  // Our description once more, though we would change nothing: the peer's answer may.
  void offer_anew(Time now);
  void beep();  // to our own user
  // A new call that stands in for another (RFC 3891): its user goes on as he was, held, muted, in conference.
  void take_over(const Call& replaced);
  // Another call has taken the place of this one, whose peer should end it now: nothing is said or heard in
  // it any more, and if the peer does not, we do.
  void step_aside(Time now);

  // The far end is asked to call somebody else. The number is the transfer's.
  Expected<std::uint64_t> transfer(const LegTransfer& to, Time now);

  // The line is at another address: the media follows, with new ports at once and, in an established call, an
  // offer that tells the peer (RFC 3264 §8.3.1). A call that is being set up tells it after its answer.
  void move_media(const IpAddress& ip, Time now);

  // --- from the media side
  void media_ready(MediaTransport transport, Time now);
  void media_not_moved();
  void media_failed(Time now);
  void media_started();
  void media_flows(bool flows) { ringback_.media_flows(flows); }
  void digits_sent(std::size_t count, Time now);  // one after the other, by media
  void digit_heard(char digit, std::chrono::milliseconds duration, DtmfMethod method, Time now);
  void file_played();
  void recording_ended();
  // The alarm's new state, when it changes (vq_alarm_threshold).
  std::optional<bool> quality(const CallStatistics& statistics, bool announce);
  void set_alarm_threshold(double mos) { watch_.set_threshold(mos); }
  void media_inactive(Time now);
  void media_key_ages(Time now);
  void media_key_used_up() const;
  void media_closed(const CallStatistics& statistics);

  // --- from signalling
  void on_progress(std::uint64_t branch, int status, std::string_view sdp, bool reliable);
  void on_accepted(std::uint64_t branch, std::string_view sdp, bool needs_answer, Time now);
  void on_confirmed(std::string_view sdp, Time now);
  void on_offer(std::string_view sdp, Time now);
  void on_offer_confirmed(std::string_view sdp, Time now);
  void on_offer_answered(std::string_view sdp, bool needs_answer, Time now);
  void on_offer_failed(int status, Time now);
  void on_glare();
  void on_retry_due(Time now);
  void on_refresh_due(Time now);  // the session timer wants our description once more
  void on_digit_answered(bool accepted, Time now);
  void on_ended(EndReason reason, int status) { on_ended({reason, status, 0, {}}); }
  void on_ended(CallEnd end);
  void learn_uuid(std::string_view uuid);  // told with what else its message changes

  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  [[nodiscard]] CallSnapshot snapshot() const;
  [[nodiscard]] std::optional<ReportFacts> report_facts() const;  // none: it never was connected
  [[nodiscard]] CallId id() const { return parties_.id; }
  [[nodiscard]] LineId line() const { return parties_.line; }
  [[nodiscard]] CallState state() const { return state_; }
  [[nodiscard]] bool is_incoming() const { return parties_.direction == CallDirection::incoming; }
  [[nodiscard]] bool is_answered() const {
    return state_ == CallState::connecting || state_ == CallState::connected;
  }
  [[nodiscard]] const std::optional<CallId>& related_call() const { return parties_.related_call; }
  [[nodiscard]] bool is_in_conference() const { return in_conference_ && state_ != CallState::ended; }
  [[nodiscard]] bool hold_wanted() const { return hold_wanted_; }
  [[nodiscard]] bool held_by_peer() const { return session_.held_by_peer(); }
  [[nodiscard]] bool can_send_digits() const;
  // No offer is on its way, nor waits to be.
  [[nodiscard]] bool is_settled() const {
    return !offer_in_flight_ && !answer_awaited_ && !offer_again_at_ && !media_moves_;
  }
  [[nodiscard]] LegDialog dialog() const { return leg_ ? leg_->dialog() : LegDialog{}; }
  [[nodiscard]] bool is_ringing() const { return state_ == CallState::ringing && is_incoming(); }
  [[nodiscard]] bool wants_ringback() const;
  [[nodiscard]] CallPresence presence() const;
  // Over, told, and nothing of it is left on the media side.
  [[nodiscard]] bool is_gone() const { return gone_; }
  [[nodiscard]] bool has_leg() const { return leg_ != nullptr; }
  [[nodiscard]] bool media_is_ready() const { return media_ == Media::ready; }
  [[nodiscard]] const IpAddress& media_ip() const { return media_ip_; }

 private:
  enum class Media : std::uint8_t { none, opening, ready, closing, closed };

  void connect(Time now);
  void end_unagreed(const Error& error, Time now);
  void enter(CallState state);  // the caller tells, once what comes with the state is true as well
  void changed();
  void apply_plan();
  void reconcile(Time now);  // makes negotiation follow intent
  void order_move();
  void answer_now(Time now);
  void finish_if_gone();
  void refuse_unplayable(const Error& error, Time now);
  void give_up_offer(int status);
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] bool is_held() const;  // wanted or in force, by either side
  [[nodiscard]] std::vector<SrtpMasterKey> peer_keys() const;
  void warn_of_old_key() const;
  Expected<void> wrong_state(std::string_view wish) const;
  [[nodiscard]] DtmfAbilities dtmf_abilities() const;
  void send_digits(Time now);
  void send_next_info(Time now);
  void digit_left(Time now);
  void drop_unsendable_digits();
  void tell(std::optional<DtmfSending::Sent> sent);

  CallParties parties_;
  std::shared_ptr<const CoreSettings> settings_;
  Outbox& outbox_;
  QualityWatch watch_;
  std::unique_ptr<Leg> leg_;
  MediaSession session_;
  Ringback ringback_;

  CallState state_;
  Media media_ = Media::none;
  IpAddress media_ip_;  // where it is, or shall be
  std::optional<std::string> incoming_offer_;
  bool answer_wanted_ = false;
  bool hold_wanted_ = false;
  bool muted_ = false;
  bool in_conference_ = false;
  bool recording_ = false;
  bool playing_ = false;
  bool offer_in_flight_ = false;  // our re-INVITE, or the pause after a 491
  bool offer_wanted_ = false;     // by the line's server, whatever it brings
  bool offer_refreshes_ = false;  // ... and changes nothing: the session timer asked for it
  bool media_moves_ = false;      // new ports are being opened
  bool answer_awaited_ = false;   // our offer went out in a 2xx; the ACK brings the answer
  bool gone_ = false;
  int offer_failures_ = 0;
  std::optional<Time> offer_again_at_;
  std::optional<Time> auto_answer_at_;
  std::optional<Time> end_at_;  // it has stepped aside
  std::optional<codec::MediaPlan> applied_;
  DtmfSending digits_;
  HeardDigits heard_digits_;
  bool info_refused_ = false;         // the far end takes no digits by INFO
  bool info_in_flight_ = false;       // one is on its way
  std::optional<Time> next_info_at_;  // a comma
  CallEnd end_;
  CallStatistics statistics_;
  LegDialog dialog_;  // kept for the report, which comes when the leg is gone
  std::optional<Time> connected_at_;
  CallSnapshot told_;  // what the user knows
};

}  // namespace sidetone::endpoint
