"""Stable-Baselines3: its five algorithms on small environments of Gymnasium. Actions are drawn on the device, so that runs part
ways; what is compared is that everything that trains on the CPU trains on the device, that values are finite, and that the
policy gives the CPU's answers after it has been saved and loaded."""

import tempfile
from pathlib import Path

import numpy
import torch
from harness import Case, Difference, Outcome, moved, snapshot
from stable_baselines3 import A2C, DQN, PPO, SAC, TD3


def algorithm(kind, environment: str, **settings) -> Case:
    def run(device: torch.device) -> Outcome:
        model = kind("MlpPolicy", environment, device=device, policy_kwargs={"net_arch": [16, 16]}, seed=1, **settings)
        before = snapshot(model.policy)
        model.learn(200)
        after = snapshot(model.policy)
        for name, value in after.items():
            if not torch.isfinite(value).all():
                raise Difference(f"{name} is not finite after training")
        observation = model.env.reset()
        action, _ = model.predict(observation, deterministic=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.zip")
            model.save(path)
            again, _ = kind.load(path, device="cpu").predict(observation, deterministic=True)
        if not numpy.allclose(action, again, atol=1e-4):
            raise Difference(f"the loaded policy acts {again}, the device's {action}")
        return Outcome([], {}, moved(before, after))

    return Case(f"stable-baselines3: {kind.__name__}", run)


def cases() -> list[Case]:
    return [
        algorithm(A2C, "CartPole-v1", n_steps=8),
        algorithm(PPO, "CartPole-v1", n_steps=64, batch_size=32, n_epochs=2),
        algorithm(DQN, "CartPole-v1", learning_starts=50, batch_size=16, target_update_interval=50),
        algorithm(SAC, "Pendulum-v1", learning_starts=150, batch_size=16),
        algorithm(TD3, "Pendulum-v1", learning_starts=150, batch_size=16),
    ]
