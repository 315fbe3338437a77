// The slider on the page of a list: how many bounces a person accepts, and which rows are left then.

import { groupedCount } from '../number-text.ts';
import { goalText, leftOutText, type SliderGoal } from './page-data.ts';
import { all, part } from './page-elements.ts';

export function moveSliders(): void {
  for (const card of all('[data-goals]')) {
    const goals = JSON.parse(card.dataset['goals']!) as SliderGoal[];
    const slider = part<HTMLInputElement>(card, '[type=range]');
    const say = (name: keyof SliderGoal, text: string): void => {
      part(card, `[data-say=${name}]`).textContent = text;
    };
    const show = (): void => {
      const value = slider.valueAsNumber;
      const goal = goals.reduce((a, b) => (Math.abs(b.below - value) < Math.abs(a.below - value) ? b : a));
      const below = goalText(goal.below);
      const [keep, bounces] = [groupedCount(goal.keep), groupedCount(goal.bounces)];
      for (const button of card.querySelectorAll<HTMLButtonElement>('button[name=format]'))
        button.disabled = goal.keep === 0;
      say('below', below);
      say('keep', keep);
      say('bounces', bounces);
      say('rate', goal.rate);
      say('remove', leftOutText(goal));
      slider.setAttribute('aria-valuetext', `${below}: ${keep} rows to mail, ${bounces} bounces`);
    };
    slider.oninput = show;
    show();
  }
}
