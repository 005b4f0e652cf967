// A flow of third-party call control, written as the ladder that it is: a coroutine that asks legs for
// something and waits for what comes back. Nothing runs by itself: events and times that Control feeds in
// resume it, as the sans-IO contract wants.
//
//   Flow hold(FlowRun& f) {
//     const Reply reply = co_await offered(f, leg, sdp);   // a step: a coroutine that another one waits for
//     ...
//   }
//
// GCC 12 destroys some temporaries of a co_await expression twice: what it is given by braces or as a lambda
// with captures is a named variable before.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace sidetone::lab {

// Owns its coroutine: destroyed with it, whatever it waits for.
template <typename Promise>
class OwnedCoroutine {
 public:
  explicit OwnedCoroutine(std::coroutine_handle<Promise> handle) : handle_(handle) {}
  OwnedCoroutine(OwnedCoroutine&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  OwnedCoroutine& operator=(OwnedCoroutine&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~OwnedCoroutine() {
    if (handle_) handle_.destroy();
  }
  [[nodiscard]] std::coroutine_handle<Promise> handle() const { return handle_; }

 private:
  std::coroutine_handle<Promise> handle_;
};

// Goes on with whoever waited for the step that ends.
struct ContinueCaller {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    const auto caller = ended.promise().caller;
    return caller ? caller : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

struct StepPromiseBase {
  std::coroutine_handle<> caller;
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] ContinueCaller final_suspend() const noexcept { return {}; }
  void unhandled_exception() const noexcept { std::terminate(); }  // ours: wire errors are values
};

// Begins when it is waited for.
template <typename T>
class [[nodiscard]] Step {
 public:
  struct promise_type : StepPromiseBase {
    std::optional<T> value;
    Step get_return_object() { return Step(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_value(T result) { value = std::move(result); }
  };
  explicit Step(std::coroutine_handle<promise_type> handle) : coroutine_(handle) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    coroutine_.handle().promise().caller = caller;
    return coroutine_.handle();
  }
  T await_resume() { return std::move(*coroutine_.handle().promise().value); }

 private:
  OwnedCoroutine<promise_type> coroutine_;
};

// A whole request; its result is what it told FlowRun.
class [[nodiscard]] Flow {
 public:
  struct promise_type {
    Flow get_return_object() { return Flow(std::coroutine_handle<promise_type>::from_promise(*this)); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  explicit Flow(std::coroutine_handle<promise_type> handle) : coroutine_(handle) {}
  void begin() { coroutine_.handle().resume(); }
  [[nodiscard]] bool done() const { return coroutine_.handle().done(); }

 private:
  OwnedCoroutine<promise_type> coroutine_;
};

}  // namespace sidetone::lab
