#include "rtp/telephone_event.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sidetone::rtp {
namespace {

std::vector<EventSender::Report> send(std::uint32_t duration, std::uint32_t gap, int* idle_steps = nullptr) {
  EventSender sender;
  sender.begin(5, 1000, duration, gap, 160);
  std::vector<EventSender::Report> reports;
  while (sender.busy() && reports.size() < 10000) {
    const auto report = sender.step();
    if (report)
      reports.push_back(*report);
    else if (idle_steps != nullptr)
      ++*idle_steps;
  }
  return reports;
}

TEST(EventSender, HundredMilliseconds) {
  int idle_steps = 0;
  const auto reports = send(800, 800, &idle_steps);
  ASSERT_EQ(reports.size(), 7u);  // 5 updates, the last of them an end, and two more ends
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].timestamp, 1000u) << "RFC 4733 §2.5.1.2: fixed timestamp";
    EXPECT_EQ(reports[i].marker, i == 0) << "§2.5.1.2: marker on the first only";
    EXPECT_EQ(reports[i].payload.duration, std::min<std::size_t>(i + 1, 5) * 160) << "§2.5.1.2: rising";
    EXPECT_EQ(reports[i].payload.end, i >= 4) << "§2.5.1.4: three ends";
  }
  EXPECT_EQ(idle_steps, 3);  // 100 ms of gap, two steps of it spent on repeated ends
}

TEST(EventSender, LongEventIsSplit) {  // §2.5.1.3
  const auto reports = send(80000, 0);
  std::uint32_t segment = 1000;
  bool saw_full = false;
  for (const auto& report : reports) {
    if (report.timestamp != segment) {
      EXPECT_EQ(report.timestamp, segment + 0xffff);
      segment = report.timestamp;
      EXPECT_TRUE(saw_full);
      EXPECT_FALSE(report.marker);
    }
    if (report.payload.duration == 0xffff) {
      saw_full = true;
      EXPECT_FALSE(report.payload.end);
    }
  }
  EXPECT_EQ(segment, 1000u + 0xffff);
  EXPECT_TRUE(reports.back().payload.end);
  EXPECT_EQ(reports.back().payload.duration + 0xffffu, 80000u);
}

TEST(EventReceiver, TellsASentEventOnce) {
  for (const std::uint32_t duration : {800u, 80000u}) {
    EventReceiver receiver;
    std::vector<EventReceiver::Ended> ended;
    for (const auto& report : send(duration, 0))
      for (int copies = 0; copies < 2; ++copies)  // duplicated by the network
        if (const auto event = receiver.receive(report.payload, report.timestamp, report.marker))
          ended.push_back(*event);
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].event, 5);
    EXPECT_EQ(ended[0].duration, duration);
  }
}

TEST(EventReceiver, LostEndIsToldByTheNextOrByTime) {
  EventReceiver receiver;
  EXPECT_FALSE(receiver.receive({1, false, 10, 160}, 1000, true));
  const auto first = receiver.receive({2, false, 10, 160}, 3000, true);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->event, 1);
  EXPECT_TRUE(receiver.open());
  const auto second = receiver.give_up();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->event, 2);
  EXPECT_FALSE(receiver.give_up());
  EXPECT_FALSE(receiver.receive({2, true, 10, 800}, 3000, false)) << "its end came after all";
}

TEST(EventReceiver, OnlyEndArrives) {
  EventReceiver receiver;
  const auto event = receiver.receive({9, true, 10, 800}, 5000, false);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->event, 9);
  EXPECT_FALSE(receiver.receive({9, true, 10, 800}, 5000, false));
  EXPECT_FALSE(receiver.receive({9, false, 10, 640}, 4000, false)) << "an older event's leftover";
  EXPECT_TRUE(receiver.receive({9, true, 10, 800}, 9000, false)) << "the same digit again";
}

TEST(EventReceiver, ZeroDurationIsIgnored) {  // §2.3.5
  EventReceiver receiver;
  EXPECT_FALSE(receiver.receive({1, true, 10, 0}, 1000, true));
  EXPECT_FALSE(receiver.open());
}

TEST(Digits, BothWays) {
  for (const char digit : std::string_view("0123456789*#ABCD")) {
    const auto event = event_of_digit(digit);
    ASSERT_TRUE(event) << digit;
    EXPECT_EQ(digit_of_event(*event), digit);
  }
  EXPECT_EQ(event_of_digit('a'), event_of_digit('A'));
  EXPECT_FALSE(event_of_digit('x'));
  EXPECT_FALSE(digit_of_event(16));
}

TEST(EventPayload, WrittenIsRead) {
  const EventPayload event{11, true, 63, 0xfedc};
  EXPECT_EQ(parse_event(write_event(event)), event);
  EXPECT_FALSE(parse_event(std::vector<std::uint8_t>(3)));
}

}  // namespace
}  // namespace sidetone::rtp
