import { Link } from '@/ui/link';
import { Door } from '@/features/session/door';

export default function NotFound() {
  return <Door title="No such page" lead="The address leads nowhere."><Link href="/">To your instances</Link></Door>;
}
