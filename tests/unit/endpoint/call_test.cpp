#include "endpoint/call.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "scripted_leg.h"

namespace sidetone::endpoint {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string peer_sdp(std::string_view direction,
                     std::string_view extra = "a=rtpmap:101 telephone-event/8000\r\n") {
  return fmt::format(
      "v=0\r\no=peer 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
      "m=audio 20000 RTP/AVP 0 101\r\n{}a={}\r\n",
      extra, direction);
}

class CallTest : public testing::Test {
 protected:
  void make(CallDirection direction, std::optional<std::string> offer = {}) {
    settings_.codecs = *codec::parse_enabled("pcmu,pcma");
    MediaSettings media;
    media.enabled = settings_.codecs;
    CallParties parties;
    parties.id = CallId{1};
    parties.direction = direction;
    call_ = std::make_unique<Call>(parties, std::make_shared<const CoreSettings>(settings_), media, outbox_);
    call_->set_leg(std::make_unique<ScriptedLeg>(leg_));
    call_->start(IpAddress::loopback_v4(), std::move(offer), now_);
  }
  void media_is_there() { call_->media_ready({IpAddress::loopback_v4(), 9000, 9001}, now_); }

  void make_connected() {
    make(CallDirection::outgoing);
    media_is_there();
    static_cast<void>(call_->first_offer());
    call_->on_accepted(1, peer_sdp("sendrecv"), false, now_);
    drain();
  }
  void make_connected_incoming() {
    make(CallDirection::incoming, peer_sdp("sendrecv"));
    media_is_there();
    ASSERT_TRUE(call_->answer(now_));
    call_->on_confirmed("", now_);
    drain();
  }

  void drain() {
    for (auto& order : outbox_.media)
      if (const auto* apply = std::get_if<ApplyPlan>(&order)) plan_ = apply->plan;
    for (auto& event : outbox_.events) {
      if (std::holds_alternative<CallEnded>(event)) ++ended_;
      if (const auto* failed = std::get_if<CommandFailed>(&event)) failures_.push_back(failed->command);
      if (const auto* sent = std::get_if<DtmfSent>(&event)) dtmf_sent_ = *sent;
    }
    outbox_.media.clear();
    outbox_.events.clear();
  }

  Time now_{};
  CoreSettings settings_;
  Outbox outbox_;
  LegLog leg_;
  std::unique_ptr<Call> call_;
  std::optional<codec::MediaPlan> plan_;
  std::vector<std::string> failures_;
  std::optional<DtmfSent> dtmf_sent_;
  int ended_ = 0;
};

TEST_F(CallTest, incoming_call_sends_nothing_before_its_answer) {
  make(CallDirection::incoming, peer_sdp("sendrecv"));
  media_is_there();
  drain();
  EXPECT_FALSE(plan_.has_value());
  ASSERT_TRUE(call_->answer(now_));
  drain();
  ASSERT_TRUE(plan_.has_value());
  EXPECT_TRUE(plan_->send);
  EXPECT_EQ(call_->state(), CallState::connecting) << "a 200 without ACK is not yet a connected call";
  call_->on_confirmed("", now_);
  EXPECT_EQ(call_->state(), CallState::connected);
}

TEST_F(CallTest, answer_waits_for_media_ports) {
  make(CallDirection::incoming, peer_sdp("sendrecv"));
  ASSERT_TRUE(call_->answer(now_));
  EXPECT_THAT(leg_.asked, Not(Contains("answer")));
  media_is_there();
  EXPECT_THAT(leg_.asked, Contains("answer"));
}

TEST_F(CallTest, delayed_offer_is_answered_with_an_offer_and_opens_at_the_ack) {
  make(CallDirection::incoming);
  media_is_there();
  ASSERT_TRUE(call_->answer(now_));
  EXPECT_THAT(leg_.last_sdp, HasSubstr("m=audio 9000"));
  drain();
  EXPECT_FALSE(plan_.has_value()) << "RFC 3264: there is no answer yet";
  call_->on_confirmed(peer_sdp("sendrecv"), now_);
  drain();
  ASSERT_TRUE(plan_.has_value());
  EXPECT_TRUE(plan_->send);
}

TEST_F(CallTest, delayed_offer_without_answer_in_the_ack_ends_the_call) {
  make(CallDirection::incoming);
  media_is_there();
  ASSERT_TRUE(call_->answer(now_));
  call_->on_confirmed("", now_);
  EXPECT_EQ(leg_.asked.back(), "end 488");
}

TEST_F(CallTest, early_media_is_heard_per_branch_and_replaced_by_the_answer) {
  settings_.tones.ringback = 6;
  make(CallDirection::outgoing);
  media_is_there();
  static_cast<void>(call_->first_offer());
  call_->on_progress(1, 180, "", false);
  EXPECT_EQ(call_->state(), CallState::ringing);
  EXPECT_TRUE(call_->wants_ringback());
  call_->on_progress(2, 183, peer_sdp("sendonly"), false);
  drain();
  EXPECT_EQ(call_->state(), CallState::early);
  EXPECT_TRUE(call_->wants_ringback()) << "RFC 3960: until media arrive";
  call_->media_flows(true);
  EXPECT_FALSE(call_->wants_ringback()) << "the network's own ring-back is heard";
  ASSERT_TRUE(plan_.has_value());
  EXPECT_TRUE(plan_->receive);
  EXPECT_FALSE(plan_->send);
  call_->on_accepted(2, peer_sdp("sendrecv"), false, now_);
  drain();
  EXPECT_TRUE(plan_->send);
}

TEST_F(CallTest, early_media_that_the_mode_refuses_are_silent_until_the_answer) {
  settings_.tones.ringback = 2;
  make(CallDirection::outgoing);
  media_is_there();
  static_cast<void>(call_->first_offer());
  call_->on_progress(1, 183, peer_sdp("sendrecv"), true);
  drain();
  EXPECT_EQ(call_->state(), CallState::ringing);
  EXPECT_TRUE(call_->wants_ringback());
  ASSERT_TRUE(plan_.has_value());
  EXPECT_FALSE(plan_->receive);
  call_->on_accepted(1, "", false, now_);
  drain();
  EXPECT_TRUE(plan_->receive) << "RFC 3261 §13.2.1: the answer was in the reliable 183";
  EXPECT_FALSE(call_->wants_ringback());
}

TEST_F(CallTest, a_fork_is_heard_from_the_branch_that_the_mode_admits) {
  settings_.tones.ringback = 3;
  make(CallDirection::outgoing);
  media_is_there();
  static_cast<void>(call_->first_offer());
  call_->on_progress(1, 183, peer_sdp("sendonly"), true);
  auto other = peer_sdp("sendrecv");
  other.replace(other.find("audio 20000"), 11, "audio 20002");
  call_->on_progress(2, 183, other, false);
  drain();
  ASSERT_TRUE(plan_.has_value());
  EXPECT_TRUE(plan_->receive);
  EXPECT_EQ(plan_->remote_rtp.port, 20000) << "the unreliable one is later, and not heard";
  call_->on_accepted(2, "", false, now_);
  drain();
  EXPECT_EQ(plan_->remote_rtp.port, 20002);
}

TEST_F(CallTest, hold_silences_at_once_and_negotiates_then) {
  make_connected();
  ASSERT_TRUE(call_->hold(true, now_));
  drain();
  EXPECT_FALSE(plan_->send) << "silence does not wait for the peer";
  EXPECT_FALSE(plan_->receive);
  EXPECT_EQ(leg_.asked.back(), "offer");
  EXPECT_THAT(leg_.last_sdp, HasSubstr("a=sendonly"));
  EXPECT_FALSE(call_->snapshot().held_by_us) << "intent is not fact";
  call_->on_offer_answered(peer_sdp("recvonly"), false, now_);
  EXPECT_TRUE(call_->snapshot().held_by_us);
  ASSERT_TRUE(call_->hold(false, now_));
  call_->on_offer_answered(peer_sdp("sendrecv"), false, now_);
  drain();
  EXPECT_FALSE(call_->snapshot().held_by_us);
  EXPECT_TRUE(plan_->send);
  EXPECT_TRUE(plan_->receive);
}

TEST_F(CallTest, hold_survives_glare_with_a_fresh_offer) {
  make_connected();
  ASSERT_TRUE(call_->hold(true, now_));
  call_->on_glare();
  // In the pause the peer holds us; our second offer must speak of that state, not repeat the first text.
  call_->on_offer(peer_sdp("sendonly"), now_);
  EXPECT_EQ(leg_.asked.back(), "answer_offer");
  EXPECT_THAT(leg_.last_sdp, HasSubstr("a=inactive"));
  call_->on_retry_due(now_);
  const auto snapshot = call_->snapshot();
  EXPECT_TRUE(snapshot.held_by_us && snapshot.held_by_peer);
}

TEST_F(CallTest, resume_is_not_undone_by_a_refusal_and_failures_are_told) {
  make_connected();
  ASSERT_TRUE(call_->hold(true, now_));
  call_->on_offer_failed(488, now_);
  drain();
  EXPECT_THAT(failures_, ElementsAre("hold"));
  EXPECT_FALSE(plan_->send) << "hold is wanted: nothing is sent although the peer did not agree";
  EXPECT_FALSE(call_->deadline().has_value()) << "488 is final";
}

TEST_F(CallTest, server_errors_are_tried_again_a_bounded_number_of_times) {
  make_connected();
  ASSERT_TRUE(call_->hold(true, now_));
  int offers = 1;
  for (; offers < 20; ++offers) {
    call_->on_offer_failed(503, now_);
    const auto due = call_->deadline();
    if (!due) break;
    EXPECT_EQ(due->why, "offer_again");
    now_ = due->when;
    call_->on_time(now_);
    EXPECT_EQ(leg_.asked.back(), "offer");
  }
  EXPECT_EQ(offers, 5);
}

TEST_F(CallTest, offer_that_cannot_go_now_goes_later) {
  make_connected();
  leg_.refuse_offer_command = true;
  ASSERT_TRUE(call_->hold(true, now_));
  EXPECT_THAT(leg_.asked, Not(Contains("offer")));
  leg_.refuse_offer_command = false;
  ASSERT_TRUE(call_->deadline().has_value());
  call_->on_time(call_->deadline()->when);
  EXPECT_EQ(leg_.asked.back(), "offer");
}

struct PeerHoldRow {
  const char* direction;
  bool we_hold;
  bool send, receive, held_by_peer;
  const char* source;
};
class PeerHoldTest : public CallTest, public testing::WithParamInterface<PeerHoldRow> {};

TEST_P(PeerHoldTest, peer_direction_decides_together_with_our_hold) {
  const auto& row = GetParam();
  make_connected_incoming();
  if (row.we_hold) {
    ASSERT_TRUE(call_->hold(true, now_));
    call_->on_offer_answered(peer_sdp("recvonly"), false, now_);
  }
  call_->on_offer(peer_sdp(row.direction), now_);
  drain();
  EXPECT_EQ(leg_.asked.back(), "answer_offer") << row.source;
  EXPECT_EQ(plan_->send, row.send) << row.source;
  EXPECT_EQ(plan_->receive, row.receive) << row.source;
  EXPECT_EQ(call_->snapshot().held_by_peer, row.held_by_peer) << row.source;
  EXPECT_EQ(call_->snapshot().held_by_us, row.we_hold) << row.source;
}

INSTANTIATE_TEST_SUITE_P(rows, PeerHoldTest,
                         testing::Values(PeerHoldRow{"sendrecv", false, true, true, false, "RFC 3264 6.1"},
                                         PeerHoldRow{"sendonly", false, false, true, true,
                                                     "RFC 3264 8.4: music on hold is heard"},
                                         PeerHoldRow{"inactive", false, false, false, true, "RFC 3264 8.4"},
                                         PeerHoldRow{"sendrecv", true, false, false, false,
                                                     "a peer's re-INVITE must not resume our hold"},
                                         PeerHoldRow{"sendonly", true, false, false, true, "both hold"},
                                         PeerHoldRow{"inactive", true, false, false, true, "both hold"}));

TEST_F(CallTest, offer_without_common_codec_is_refused_and_changes_nothing) {
  make_connected();
  auto foreign = peer_sdp("sendrecv", "a=rtpmap:96 unknown/8000\r\n");
  foreign.replace(foreign.find("RTP/AVP 0 101"), 13, "RTP/AVP 96");
  call_->on_offer(foreign, now_);
  EXPECT_EQ(leg_.asked.back(), "refuse_offer 488");
  call_->on_offer("nonsense", now_);
  EXPECT_EQ(leg_.asked.back(), "refuse_offer 400");
  EXPECT_EQ(call_->state(), CallState::connected);
}

TEST_F(CallTest, hang_up_is_at_once_for_the_user_and_closes_the_microphone) {
  make_connected();
  ASSERT_TRUE(call_->hang_up(now_));
  EXPECT_EQ(leg_.asked.back(), "end");
  EXPECT_EQ(call_->state(), CallState::ended);
  EXPECT_TRUE(std::any_of(outbox_.media.begin(), outbox_.media.end(),
                          [](const auto& order) { return std::holds_alternative<CloseMedia>(order); }));
  drain();
  EXPECT_EQ(ended_, 0) << "the last figures of media are still to come";
  call_->media_closed({});
  drain();
  EXPECT_EQ(ended_, 1);
  EXPECT_TRUE(call_->is_gone());
  call_->on_ended(EndReason::hung_up_here, 0);  // the BYE was answered
  drain();
  EXPECT_EQ(ended_, 1);
}

TEST_F(CallTest, nothing_that_crosses_the_bye_opens_the_microphone_again) {
  make(CallDirection::incoming, peer_sdp("sendrecv"));
  media_is_there();
  ASSERT_TRUE(call_->answer(now_));
  ASSERT_TRUE(call_->hang_up(now_));
  drain();
  plan_.reset();
  call_->on_confirmed("", now_);
  call_->on_offer(peer_sdp("sendrecv"), now_);
  call_->on_offer_answered(peer_sdp("sendrecv"), false, now_);
  call_->mute(false);
  EXPECT_FALSE(call_->hold(false, now_));
  drain();
  EXPECT_FALSE(plan_.has_value());
  EXPECT_EQ(call_->state(), CallState::ended);
}

TEST_F(CallTest, digits_go_by_rfc_2833_when_negotiated) {
  make_connected();
  ASSERT_TRUE(call_->send_dtmf("12#", now_));
  const auto* order = std::get_if<SendDigits>(&outbox_.media.back());
  ASSERT_NE(order, nullptr);
  EXPECT_EQ(order->digits, "12#");
  EXPECT_FALSE(order->as_tones);
  EXPECT_TRUE(order->feedback);
  call_->digits_sent(2, now_);
  drain();
  EXPECT_FALSE(dtmf_sent_) << "one is still on its way";
  call_->digits_sent(1, now_);
  drain();
  EXPECT_EQ(dtmf_sent_->method, DtmfMethod::rfc2833);
  EXPECT_EQ(dtmf_sent_->digits, "12#");
}

TEST_F(CallTest, digits_fall_back_to_info_one_by_one) {
  make(CallDirection::outgoing);
  media_is_there();
  static_cast<void>(call_->first_offer());
  auto plain = peer_sdp("sendrecv", "");
  plain.replace(plain.find("RTP/AVP 0 101"), 13, "RTP/AVP 0");
  call_->on_accepted(1, plain, false, now_);
  ASSERT_TRUE(call_->send_dtmf("1,2", now_));
  EXPECT_EQ(leg_.asked.back(), "digit 1");
  call_->on_digit_answered(true, now_);
  EXPECT_EQ(leg_.asked.back(), "digit 1") << "a comma is a pause";
  ASSERT_TRUE(call_->deadline());
  EXPECT_EQ(call_->deadline()->when, now_ + seconds(2));
  call_->on_time(now_ + seconds(2));
  EXPECT_EQ(leg_.asked.back(), "digit 2");
  call_->on_digit_answered(true, now_);
  drain();
  ASSERT_TRUE(dtmf_sent_.has_value());
  EXPECT_EQ(dtmf_sent_->method, DtmfMethod::info);
}

TEST_F(CallTest, refused_info_digit_is_told) {
  settings_.dtmf_method = DtmfMethod::info;
  make(CallDirection::outgoing);
  media_is_there();
  static_cast<void>(call_->first_offer());
  call_->on_accepted(1, peer_sdp("sendonly"), false, now_);  // we may not send
  drain();
  ASSERT_TRUE(call_->send_dtmf("12", now_));
  call_->on_digit_answered(false, now_);
  drain();
  EXPECT_THAT(failures_, ElementsAre("dtmf"));
  EXPECT_FALSE(call_->send_dtmf("1", now_)) << "now it is known";
}

TEST_F(CallTest, digits_refused_by_info_go_by_telephone_event) {
  settings_.dtmf_method = DtmfMethod::info;
  settings_.tones.dtmf_feedback = false;
  make_connected();
  ASSERT_TRUE(call_->send_dtmf("123", now_));
  call_->on_digit_answered(true, now_);
  outbox_.media.clear();
  call_->on_digit_answered(false, now_);
  ASSERT_FALSE(outbox_.media.empty());
  const auto order = std::get<SendDigits>(outbox_.media.back());
  EXPECT_EQ(order.digits, "23");
  EXPECT_FALSE(order.feedback);
  drain();
  EXPECT_EQ(dtmf_sent_->digits, "1");
  EXPECT_EQ(dtmf_sent_->method, DtmfMethod::info);
  call_->digits_sent(2, now_);
  drain();
  EXPECT_EQ(dtmf_sent_->digits, "23");
  EXPECT_EQ(dtmf_sent_->method, DtmfMethod::rfc2833);
  EXPECT_THAT(failures_, testing::IsEmpty());
}

TEST_F(CallTest, digits_in_band_when_asked_for) {
  settings_.dtmf_method = DtmfMethod::inband_rtp;
  make_connected();
  ASSERT_TRUE(call_->send_dtmf("5", now_));
  EXPECT_TRUE(std::get<SendDigits>(outbox_.media.back()).as_tones);
  call_->digits_sent(1, now_);
  drain();
  EXPECT_EQ(dtmf_sent_->method, DtmfMethod::inband_rtp);
}

TEST_F(CallTest, digits_wait_for_those_before_them_and_forty_are_the_most) {
  make_connected();
  outbox_.media.clear();
  ASSERT_TRUE(call_->send_dtmf(std::string(30, '1'), now_));
  ASSERT_TRUE(call_->send_dtmf(std::string(10, '2'), now_));
  EXPECT_EQ(call_->send_dtmf("3", now_).error().fault, Fault::limit);
  EXPECT_EQ(outbox_.media.size(), 1u) << "one batch at a time";
  call_->digits_sent(30, now_);
  EXPECT_EQ(std::get<SendDigits>(outbox_.media.back()).digits, std::string(10, '2'));
  EXPECT_TRUE(call_->send_dtmf("3", now_));
}

TEST_F(CallTest, a_hold_ends_the_digits_that_wait) {
  make_connected();
  ASSERT_TRUE(call_->send_dtmf("123", now_));
  call_->digits_sent(1, now_);
  ASSERT_TRUE(call_->hold(true, now_));
  drain();
  EXPECT_EQ(dtmf_sent_->digits, "1");
  EXPECT_THAT(failures_, ElementsAre("dtmf"));
  call_->digits_sent(1, now_);
  drain();
  EXPECT_EQ(dtmf_sent_->digits, "1") << "too late";
}

TEST_F(CallTest, a_digit_is_told_once) {
  make_connected();
  call_->digit_heard('5', milliseconds(100), DtmfMethod::rfc2833, now_);
  call_->digit_heard('5', milliseconds(100), DtmfMethod::info, now_ + milliseconds(300));
  call_->digit_heard('5', milliseconds(100), DtmfMethod::rfc2833, now_ + milliseconds(500));
  std::size_t told = 0;
  for (const auto& event : outbox_.events) told += std::holds_alternative<DtmfReceived>(event) ? 1 : 0;
  EXPECT_EQ(told, 2u);
}

TEST_F(CallTest, wrong_digits_are_refused) {
  make_connected();
  EXPECT_FALSE(call_->send_dtmf("", now_));
  EXPECT_FALSE(call_->send_dtmf("12x", now_));
  EXPECT_FALSE(call_->send_dtmf(std::string(41, '1'), now_));
}

TEST_F(CallTest, auto_answer_waits_its_delay) {
  settings_.auto_answer = true;
  settings_.auto_answer_delay = milliseconds(1500);
  make(CallDirection::incoming, peer_sdp("sendrecv"));
  media_is_there();
  ASSERT_TRUE(call_->deadline().has_value());
  EXPECT_EQ(call_->deadline()->when, now_ + milliseconds(1500));
  call_->on_time(now_ + milliseconds(1500));
  EXPECT_THAT(leg_.asked, Contains("answer"));
}

TEST_F(CallTest, media_failure_refuses_an_incoming_call) {
  make(CallDirection::incoming, peer_sdp("sendrecv"));
  call_->media_failed(now_);
  EXPECT_EQ(leg_.asked.back(), "reject 503");
}

// rtp_inactivity_timeout
TEST_F(CallTest, a_call_without_media_ends_with_its_reason) {
  make_connected();
  EXPECT_EQ(plan_->inactivity_max, seconds(150));
  call_->media_inactive(now_);
  EXPECT_THAT(leg_.asked, Contains("end 503")) << "Reason: SIP;cause=503";
  EXPECT_EQ(call_->state(), CallState::ended);
  EXPECT_EQ(call_->snapshot().end_reason, EndReason::network_failure);
  EXPECT_EQ(call_->snapshot().status, 503);
  ASSERT_FALSE(outbox_.events.empty());
  EXPECT_THAT(std::get<Warning>(outbox_.events.front()).problem.text, HasSubstr("150 s"));
}

TEST_F(CallTest, media_may_be_silent_before_the_call_is_answered) {
  make(CallDirection::outgoing);
  media_is_there();
  static_cast<void>(call_->first_offer());
  call_->on_progress(1, 183, peer_sdp("sendrecv"), true);
  drain();
  ASSERT_TRUE(plan_.has_value());
  EXPECT_EQ(plan_->inactivity_max, seconds(0));
  call_->media_inactive(now_);
  EXPECT_NE(call_->state(), CallState::ended);
}

TEST_F(CallTest, a_held_call_may_be_silent) {
  make_connected();
  ASSERT_TRUE(call_->hold(true, now_));
  drain();
  EXPECT_EQ(plan_->inactivity_max, seconds(0));
  call_->media_inactive(now_);  // told before the hold took effect
  EXPECT_EQ(call_->state(), CallState::connected);
  call_->on_offer_answered(peer_sdp("recvonly"), false, now_);
  ASSERT_TRUE(call_->hold(false, now_));
  call_->on_offer_answered(peer_sdp("sendrecv"), false, now_);
  drain();
  EXPECT_EQ(plan_->inactivity_max, seconds(150)) << "and from the retrieve on it may not";
}

TEST_F(CallTest, a_call_that_the_peer_holds_may_be_silent) {
  make_connected();
  for (const auto* direction : {"sendonly", "inactive"}) {
    call_->on_offer(peer_sdp(direction), now_);
    drain();
    EXPECT_EQ(plan_->inactivity_max, seconds(0)) << direction;
  }
}

// vq_alarm_threshold
TEST_F(CallTest, poor_quality_is_alarmed_and_shown) {
  settings_.vq_alarm_threshold = 3.5;
  make_connected();
  CallStatistics statistics;
  statistics.mos = {4.0, 3.1, 4.2, 80};
  statistics.local.emplace().packets_received = 7;
  call_->quality(statistics, true);
  std::vector<QualityAlarm> alarms;
  bool told_in_snapshot = false;
  for (const auto& event : outbox_.events) {
    if (const auto* alarm = std::get_if<QualityAlarm>(&event)) alarms.push_back(*alarm);
    if (const auto* changed = std::get_if<CallChanged>(&event))
      told_in_snapshot = changed->call.quality_alarm;
    if (const auto* quality = std::get_if<QualityChanged>(&event)) {
      EXPECT_EQ(quality->quality.packets_received, 7u);
      EXPECT_EQ(quality->statistics, statistics);
    }
  }
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_TRUE(alarms[0].on);
  EXPECT_EQ(alarms[0].mos, 3.1);
  EXPECT_EQ(alarms[0].threshold, 3.5);
  EXPECT_TRUE(told_in_snapshot);
  statistics.mos.interval = 4.2;
  call_->quality(statistics, true);
  call_->quality(statistics, true);
  EXPECT_FALSE(call_->snapshot().quality_alarm);
}

TEST_F(CallTest, commands_in_the_wrong_state_are_errors_not_deeds) {
  make(CallDirection::incoming, peer_sdp("sendrecv"));
  EXPECT_EQ(call_->hold(true, now_).error().fault, Fault::state);
  EXPECT_EQ(call_->send_dtmf("1", now_).error().fault, Fault::state);
  EXPECT_EQ(call_->reject(200, now_).error().fault, Fault::range);
  EXPECT_TRUE(leg_.asked.empty());
}

}  // namespace
}  // namespace sidetone::endpoint
