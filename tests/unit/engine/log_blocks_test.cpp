// The blocks that the log tells by itself: devices, and the end of a call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/log/device_dump.h"
#include "engine/log/event_records.h"
#include "engine/log/sip_histories.h"

namespace sidetone::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(LogBlocks, devices_in_the_numbers_of_the_product) {
  const device::DeviceList list{.microphones = {{"m1", "Desk mic", "", true, false},
                                                {"m2", "Jabra", "usb1"},
                                                {"m3", "Monitor", "usb1", false, true}},
                                .speakers = {{"s1", "Jabra", "usb1", true}, {"Wall", "Wall", ""}}};
  EXPECT_EQ(device_dump(list),
            "sound devices: 3 in, 2 out\n"
            "  1001 in      Desk mic (default)  [m1]\n"
            "  1002 in      Jabra  [m2]\n"
            "  1003 in      Monitor (what a speaker plays)  [m3]\n"
            "  2001 out     Jabra (default)  [s1]\n"
            "  2002 out     Wall\n"
            "  3001 headset Jabra : Jabra");
  EXPECT_THAT(device_dump({.microphones = {{"x", "a\nERR forged", ""}}, .speakers = {}}),
              HasSubstr("a\\nERR forged"));
}

CallSnapshot call(CallState state) {
  CallSnapshot call;
  call.call = CallId{7};
  call.line = LineId{1};
  call.state = state;
  call.remote_uri = "sip:7002@lab";
  call.codec = "PCMU/8000";
  return call;
}

TEST(LogBlocks, the_end_of_a_call) {
  EventRecords records;
  const Time begun{seconds(100)};
  auto added = records.record(CallAdded{call(CallState::ringing)}, begun);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->text, "incoming from sip:7002@lab");
  EXPECT_EQ(added->tag, LogTag::call);
  EXPECT_FALSE(records.record(CallChanged{call(CallState::connecting)}, begun + seconds(1)));
  EXPECT_TRUE(records.record(CallChanged{call(CallState::connected)}, begun + milliseconds(2100)));
  EXPECT_FALSE(records.record(CallChanged{call(CallState::connected)}, begun + seconds(3))) << "told once";

  CallEnded ended{call(CallState::ended), {}};
  ended.call.end_reason = EndReason::hung_up_there;
  ended.call.call_uuid = "U1";
  auto& s = ended.statistics;
  s.local = LocalStatistics{.packets_sent = 3163,
                            .bytes_sent = 506080,
                            .packets_received = 990,
                            .bytes_received = 158400,
                            .packets_lost = 10,
                            .jitter = std::chrono::microseconds(2150),
                            .packets_foreign = 3};
  s.jitter_buffer = JitterBufferStatistics{.last_packet_ago = milliseconds(15),
                                           .frames_normal = 1900,
                                           .frames_concealed = 24,
                                           .frames_noise = 5,
                                           .frames_silent = 150,
                                           .delay = milliseconds(40),
                                           .target = milliseconds(60)};
  s.codec = CodecStatistics{0, "PCMU/8000"};
  s.remote_receiver = RemoteReceiver{0.01, 4, milliseconds(3), milliseconds(20)};
  s.remote_sender = RemoteSender{1000, 160000};
  s.mos = {4.4, 4.1, 4.3, 92.5};
  s.voice = VoiceStatistics{true, true, 300, 250, false, false, -20, -60};
  const auto record = records.record(ended, begun + milliseconds(12100));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->tag, LogTag::report);
  EXPECT_EQ(record->line, 1U);
  EXPECT_EQ(record->call, 7U);
  EXPECT_EQ(
      record->text,
      "call ended: incoming from sip:7002@lab, hung up there, status 0, UUID U1\n"
      "  durations: ring 2.100 s, talk 10.000 s, total 12.100 s, plc 0.24 s, dead 1.50 s\n"
      "  codec: PCMU/8000 (payload type 0)\n"
      "  secured by: nothing\n"
      "  sent: 3163 packets, 506080 bytes\n"
      "  received: 990 packets, 158400 bytes, lost 10 (1.00 %), jitter 2.1 ms\n"
      "  faults: late 0, duplicate 0, repaired 0, foreign 3, SRTP refused 0\n"
      "  decoded 10 ms frames: normal 1900, plc 24, cng 5, silence 150; last packet 15 ms before the end\n"
      "  jitter buffer: delay 40 ms, wanted 60 ms\n"
      "  the far end heard: lost 4 (1.00 % lately), jitter 3.0 ms, round trip 20.0 ms\n"
      "  the far end sent: 1000 packets, 160000 bytes\n"
      "  MOS: interval 4.10, total 4.40, listening 4.30, R 92.5\n"
      "  voice: in 2.50 s, microphone 3.00 s, signal -20 dBm0, noise -60 dBm0");
}

TEST(LogBlocks, a_call_that_was_never_answered_has_no_figures) {
  EventRecords records;
  static_cast<void>(records.record(CallAdded{call(CallState::dialing)}, Time{seconds(1)}));
  CallEnded ended{call(CallState::ended), {}};
  ended.call.direction = CallDirection::outgoing;
  ended.call.end_reason = EndReason::refused;
  ended.call.status = 486;
  EXPECT_EQ(records.record(ended, Time{seconds(3)})->text,
            "call ended: outgoing to sip:7002@lab, refused, status 486\n"
            "  durations: ring 2.000 s, talk 0.000 s, total 2.000 s");
}

TEST(LogBlocks, a_line_that_fails_is_a_warning_with_its_id) {
  EventRecords records;
  LineSnapshot line{.line = LineId{0}, .user = "7001", .server = "a:5060", .transport = "UDP"};
  line.state = LineState::failed;
  line.text = "403 Forbidden";
  const auto record = records.record(LineChanged{line}, Time{});
  EXPECT_EQ(record->level, LogLevel::warning);
  EXPECT_EQ(record->line, 0U);
  EXPECT_EQ(record->text, "7001 at a:5060 by UDP is not registered: 403 Forbidden");
}

SipRecord message(SipDirection direction, std::string bytes) {
  return {.direction = direction,
          .transport = "UDP",
          .bytes = std::make_shared<const std::string>(std::move(bytes))};
}

TEST(LogBlocks, sip_history_of_a_call) {
  SipHistories histories;
  const std::string sdp = "\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n";
  histories.add(7, message(SipDirection::in, "INVITE sip:a SIP/2.0" + sdp));
  histories.add(7, message(SipDirection::out, "SIP/2.0 180 Ringing\r\n\r\n"));
  histories.add(8, message(SipDirection::out, "BYE sip:a SIP/2.0\r\n\r\n"));
  histories.add(7, message(SipDirection::out, "SIP/2.0 200 OK" + sdp));
  histories.add(7, message(SipDirection::in, "\x1b[2J nonsense"));
  EXPECT_EQ(histories.take(7), " <INVITE+SDP >180 >200+SDP <?");
  EXPECT_EQ(histories.take(7), "");
  for (int i = 0; i < 150; ++i) histories.add(9, message(SipDirection::in, "INFO sip:a SIP/2.0\r\n\r\n"));
  EXPECT_THAT(histories.take(9), HasSubstr("and 50 more"));
  for (std::uint64_t i = 100; i < 5000; ++i)
    histories.add(i, message(SipDirection::in, "BYE sip:a SIP/2.0\r\n\r\n"));
  EXPECT_EQ(histories.take(100), "") << "bounded";
  EXPECT_EQ(histories.take(4999), " <BYE");
}

}  // namespace
}  // namespace sidetone::engine
