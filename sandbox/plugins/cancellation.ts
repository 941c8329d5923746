/** Time limits and cancellation of the calls in flight; the messages are those of Go's context package. */

/** Hands out abort signals and aborts all of them on `cancel`. */
export class Cancellation {
  private readonly running = new Set<AbortController>();
  private cancelled = false;
  private idle: () => void = () => undefined;

  /**
   * Runs one call under a signal of its own.
   * @param timeoutSeconds limit from the resource's `customTimeouts`; 0 is no limit; fractions are cut off, as officially.
   */
  async run<T>(
    timeoutSeconds: number,
    body: (signal: AbortSignal, controller: AbortController) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    this.running.add(controller);
    if (this.cancelled) {
      controller.abort(new Error("context canceled"));
    }
    const limit = Math.trunc(timeoutSeconds) * 1000;
    // setTimeout overflows to "at once" beyond 2^31 ms, which is as good as no limit.
    const timer =
      timeoutSeconds > 0 && limit < 2 ** 31
        ? setTimeout(() => controller.abort(new Error("context deadline exceeded")), limit)
        : undefined;
    try {
      return await body(controller.signal, controller);
    } finally {
      clearTimeout(timer);
      this.running.delete(controller);
      if (this.running.size === 0) {
        this.idle();
      }
    }
  }

  /** Settles once nothing is in flight. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.idle = resolve;
      if (this.running.size === 0) {
        resolve();
      }
    });
  }

  /** Aborts everything in flight and everything that still comes. */
  cancel(): void {
    this.cancelled = true;
    for (const controller of this.running) {
      controller.abort(new Error("context canceled"));
    }
  }
}
