// One thread for what takes time and must not hold up signalling or the media tick: opening files and
// devices. It starts with the first job and then sleeps until the next.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace sidetone::media {

class Worker {
 public:
  ~Worker();
  void post(std::packaged_task<void()> job);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace sidetone::media
