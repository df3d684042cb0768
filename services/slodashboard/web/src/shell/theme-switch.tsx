import type { ReactNode } from 'react';
import { choose, type Theme, useTheme } from '../lib/theme';
import { Icon } from '../ui/icons';
import { Segments } from '../ui/segments';

const choices = [
  { value: 'system', label: <Icon name="system" size={14} />, name: 'System' },
  { value: 'light', label: <Icon name="sun" size={14} />, name: 'Light' },
  { value: 'dark', label: <Icon name="moon" size={14} />, name: 'Dark' },
] as const;

export function ThemeSwitch(): ReactNode {
  const theme = useTheme();
  return (
    <div className="theme-switch">
      <Segments<Theme> label="Theme" value={theme} choices={choices} choose={choose} />
    </div>
  );
}
